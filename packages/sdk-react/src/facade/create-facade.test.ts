import type { FanfareSDK } from "@fanfare-io/fanfare-sdk-core";
import { describe, expect, it } from "vitest";
import { aGuest, createHandClock, createStubSdk, type HandClock, type StubSdk } from "../testing/stub-sdk.ts";
import { createFacade, type Facade } from "./create-facade.ts";

interface World {
  readonly facade: Facade;
  readonly made: StubSdk[];
  readonly clock: HandClock;
}

function createWorld(): World {
  const made: StubSdk[] = [];
  const clock = createHandClock();
  const facade = createFacade({ organizationId: "org_shop", publishableKey: "pk_test_shop", platform: clock.platform }, async () => {
    made.push(createStubSdk());
    return (made.at(-1) as StubSdk).sdk;
  });
  return { facade, made, clock };
}

function ready({ facade }: World): Promise<FanfareSDK> {
  return facade.lifecycle.later((sdk) => sdk);
}

describe("the facade", () => {
  it("does nothing before a provider is mounted, and then what was asked of it meanwhile", async () => {
    const world = createWorld();
    const guest = world.facade.sdk.auth.guest();
    expect(world.made).toHaveLength(0);
    world.facade.lifecycle.mount();
    expect(await guest).toBe(aGuest);
  });

  it("treats unmounting and mounting within one task as nothing at all", async () => {
    const world = createWorld();
    const unmount = world.facade.lifecycle.mount();
    const sdk = await ready(world);
    unmount();
    world.facade.lifecycle.mount();
    world.clock.runTasks();
    expect(await ready(world)).toBe(sdk);
    expect(world.made.map(({ isDestroyed }) => isDestroyed)).toEqual([false]);
  });

  it("moves its listeners from a destroyed SDK to the one made after it", async () => {
    const world = createWorld();
    const heard: string[] = [];
    const stop = world.facade.sdk.on("queue:left", ({ queueId }) => heard.push(queueId));
    const unmount = world.facade.lifecycle.mount();
    await ready(world);
    unmount();
    world.clock.runTasks();
    expect(world.made[0]?.listenerCount()).toBe(0);
    world.facade.lifecycle.mount();
    await ready(world);
    for (const [index, stub] of world.made.entries()) stub.emit("queue:left", { queueId: `queue_${index}`, experienceId: "exp_launch" });
    stop();
    world.made[1]?.emit("queue:left", { queueId: "queue_late", experienceId: "exp_launch" });
    expect(heard).toEqual(["queue_1"]);
  });

  it("shows nobody and refuses calls once the host has destroyed it", async () => {
    const world = createWorld();
    world.facade.lifecycle.mount();
    await world.facade.sdk.auth.guest();
    expect(world.facade.auth.snapshots[1]()).toMatchObject({ isAuthenticated: true, isGuest: true, session: aGuest });
    world.facade.sdk.destroy();
    world.facade.sdk.destroy();
    expect(world.facade.auth.snapshots[1]()).toMatchObject({ isAuthenticated: false, isGuest: false, session: undefined });
    expect(world.facade.sdk.auth.getSession()).toBeNull();
    expect(world.made[0]?.isDestroyed).toBe(true);
    await expect(world.facade.sdk.auth.guest()).rejects.toMatchObject({ code: "DESTROYED", retryable: false });
    world.facade.lifecycle.mount();
    expect(await world.facade.sdk.auth.guest()).toBe(aGuest);
  });

  it("changes who the consumer is before it tells the host's listeners", async () => {
    const world = createWorld();
    const heard: unknown[] = [];
    world.facade.sdk.on("auth:authenticated", () => heard.push(world.facade.sdk.auth.getSession()));
    world.facade.lifecycle.mount();
    await world.facade.sdk.auth.guest();
    expect(heard).toEqual([aGuest]);
  });

  it("slows down a page that starts again at once whenever a start has failed", async () => {
    const world = createWorld();
    world.facade.lifecycle.mount();
    await ready(world);
    const [, now] = world.facade.journey("exp_unknown").snapshots;
    const { start } = now();
    let tries = 0;
    expect(now().view?.journeyStage).toBe("ready");
    const journey = world.made[0]?.journeys.get("exp_unknown");
    const refuse = (): Promise<void> => {
      tries += 1;
      return Promise.reject(new Error("There is nothing here for these credentials."));
    };
    journey?.view$.set({ journeyStage: "ready", start: refuse });

    await start();
    await start();
    expect(world.clock.pauses).toEqual([]);
    for (const _ of Array(8)) {
      const again = start();
      await Promise.resolve();
      world.clock.runTasks();
      await again;
    }
    expect(tries).toBe(10);
    expect(world.clock.pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);

    journey?.view$.set({ journeyStage: "ready", start: () => Promise.resolve() });
    const healed = start();
    world.clock.runTasks();
    await healed;
    await start();
    expect(world.clock.pauses).toHaveLength(9);
  });

  it("knows the new session once guest() resolves, even while the SDK still holds its events back", async () => {
    const world = createWorld();
    world.facade.lifecycle.mount();
    const sdk = await ready(world);
    world.made[0]?.mute();
    await world.facade.sdk.auth.guest();
    expect(world.facade.auth.snapshots[1]()).toMatchObject({ isAuthenticated: true, session: sdk.auth.getSession() });
  });
});
