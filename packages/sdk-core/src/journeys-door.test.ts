import { expect, test } from "vitest";
import type { Session } from "@fanfare-io/fanfare-contract";
import { createJourneysDoor } from "./journeys-door.ts";

const somebody = (consumerId: string): Session => ({ type: "guest", consumerId, guestId: consumerId, expiresAt: "2026-11-22T11:00:00Z", bound: false });

const report = (error: unknown): void => {
  throw error;
};

test("journeys load nothing for a page that only asks who somebody is", async () => {
  let opened = 0;
  const open = (): Promise<never> => Promise.reject(new Error(`opened ${++opened}`));
  const door = createJourneysDoor({ open, stored: async () => null, report });
  door.become(somebody("c1"));
  expect(await door.active()).toMatchObject({ queues: {}, draws: {} });
  await door.resumeAll();
  await door.follow();
  door.wake();
  door.become(null);
  door.destroy();
  expect(opened).toBe(0);
});

test("a journey whose code cannot be fetched stays ready, says so to the act that needed it, and tries again with the next", async () => {
  let opened = 0;
  const open = (): Promise<never> => Promise.reject(new Error(`offline ${++opened}`));
  const journey = createJourneysDoor({ open, stored: async () => null, report }).get("exp_1");
  for (const attempt of [1, 2]) {
    const view = journey.view$.get();
    if (view.journeyStage !== "ready") throw new Error("It is not ready.");
    await expect(view.start()).rejects.toMatchObject({ code: "NETWORK_ERROR", retryable: true });
    expect(opened).toBe(attempt);
    expect(journey.snapshot$.get()).toMatchObject({ experienceId: "exp_1", journeyStage: "ready", error: { code: "NETWORK_ERROR" } });
  }
});

test("what is remembered is told without the code that goes on with it, and that code is tried again when the page wakes", async () => {
  let opened = 0;
  const open = (): Promise<never> => Promise.reject(new Error(`offline ${++opened}`));
  const place = { experienceId: "exp_1", sequenceId: "seq_1", distributionId: "queue_1", status: "participating" as const, enteredAt: "2026-11-22T10:00:00Z" };
  const active = { queues: { queue_1: place }, draws: {}, auctions: {}, appointments: {}, timedReleases: {}, waitlists: {} };
  const reported: unknown[] = [];
  const stored = async (session: Session | null) => (session?.consumerId === "c1" ? active : null);
  const door = createJourneysDoor({ open, stored, report: (error) => void reported.push(error) });
  door.become(somebody("c1"));
  expect(await door.active()).toBe(active);
  expect(opened).toBe(0);
  await expect(door.resumeAll()).rejects.toMatchObject({ code: "NETWORK_ERROR" });
  door.wake();
  await expect.poll(() => [opened, reported.length]).toEqual([2, 1]);
  door.become(somebody("c2"));
  expect(await door.active()).toMatchObject({ queues: {} });
});
