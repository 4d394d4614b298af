import { describe, expect, test } from "vitest";
import type { JourneyHandle, QueueConsumerState, RouteOffer, SequenceView } from "@fanfare-io/fanfare-contract";
import { admitted, consumerId, offer, queued, routed, scriptSessions, startSdk, tokens, within } from "../testing/launch.ts";
import type { TestSdk } from "../testing/launch.ts";
import { refusal } from "../testing/scripted-service.ts";
import { createTabWorld } from "../testing/tab-world.ts";
import type { TabWorld } from "../testing/tab-world.ts";
import { isBetter } from "./better.ts";

const needsIdentity = [{ reason: { code: "AUTH_REQUIRED" as const, detail: "This way in is for those who are known." } }];
const vip = (gates: RouteOffer["gates"] = []): RouteOffer =>
  offer({ sequenceId: "seq_vip", name: "Friends", priority: 10, gates, distribution: { id: "queue_vip", type: "queue" } });

interface Lines {
  everyone: QueueConsumerState;
  friends: QueueConsumerState;
  gates: RouteOffer["gates"];
}

/** A launch with a line for everyone and one for friends of the house, which asks who somebody is. */
function world(): TabWorld & { readonly lines: Lines; readonly left: string[] } {
  const w = createTabWorld();
  const { service, clock } = w;
  const lines: Lines = { everyone: queued(7), friends: queued(9), gates: needsIdentity };
  const left: string[] = [];
  const entered = new Set<string>();
  const stateIn = (path: string): QueueConsumerState => (path.includes("queue_vip") ? lines.friends : lines.everyone);
  scriptSessions(service, clock);
  service.answer("POST /experiences/:id/route", () => {
    const offers = [vip(lines.gates), offer()].toSorted((a, b) => Number(entered.has(b.distribution.id)) - Number(entered.has(a.distribution.id)));
    return { status: 200, body: routed(...offers) };
  });
  service.answer("POST /queues/:id/enter", ({ path }) => {
    entered.add(path.split("/")[2] ?? "");
    return { status: 200, body: { ...stateIn(path), pollToken: `poll ${path}` } };
  });
  service.answer("GET /queues/:id/status", ({ path }) => ({
    status: 200,
    body: entered.has(path.split("/")[2] ?? "") ? stateIn(path) : { status: "NOT_QUEUED" },
  }));
  service.answer("POST /queues/:id/leave", ({ path }) => {
    const queueId = path.split("/")[2] ?? "";
    left.push(queueId);
    entered.delete(queueId);
    return { status: 200, body: { status: "LEFT" } };
  });
  service.answer("POST /grants/presentation", ({ body }) => ({
    status: 200,
    body: {
      token: `grant of ${String(body["distributionId"])}`,
      tokenExpiresAt: new Date(clock.now() + 120_000).toISOString(),
      grantId: "grant_1",
      expiresAt: new Date(clock.now() + 600_000).toISOString(),
    },
  }));
  service.answer("POST /auth/otp/verify", () => {
    const answer = tokens(clock, 2);
    const session = { type: "authenticated", consumerId, guestId: consumerId, email: "ann@shop.example", expiresAt: answer.session.expiresAt, bound: false };
    lines.gates = [];
    return { status: 200, body: { ...answer, session: { ...session, linked: { kind: "upgraded", fromConsumerId: consumerId, moved: [], kept: [] } } } };
  });
  return { ...w, lines, left };
}
type World = ReturnType<typeof world>;

interface Shopper extends TestSdk {
  readonly w: World;
  readonly journey: JourneyHandle;
}
async function arrive(w: World): Promise<Shopper> {
  const started = await startSdk(w, w.openTab());
  const journey = started.sdk.journeys.get("exp_1");
  await w.clock.settle();
  return { ...started, w, journey };
}
function sequenceOf<P extends SequenceView["phase"]>({ journey }: Shopper, phase: P): Extract<SequenceView, { phase: P; mechanism: string }> {
  const view = journey.view$.get();
  if (view.journeyStage !== "routed" || view.sequence.phase !== phase) throw new Error(`It is ${JSON.stringify(journey.snapshot$.get())}.`);
  return view.sequence as never;
}
const shownIn = ({ journey }: Shopper): unknown => journey.snapshot$.get().distributionId;
async function wait(w: World): Promise<Shopper> {
  const shopper = await arrive(w);
  const ready = shopper.journey.view$.get();
  if (ready.journeyStage === "ready") await within(w.clock, 100, ready.start());
  await within(w.clock, 100, sequenceOf(shopper, "enterable").enter());
  return shopper;
}
async function reroute({ journey, w }: Shopper): Promise<void> {
  const view = journey.view$.get();
  if (view.journeyStage === "routed") await within(w.clock, 100, view.reroute());
}
const prove = (shopper: Shopper): Promise<unknown> => within(shopper.w.clock, 200, shopper.sdk.auth.verifyOtp({ email: "ann@shop.example", code: "123456" }));
const eventsOf = ({ names }: Shopper): string[] => names().filter((name) => name.startsWith("queue:") && name !== "queue:position-changed");

describe("somebody who waits in a line", () => {
  test("and routes stays there while the better way has a gate (J4, J31)", async () => {
    const shopper = await wait(world());
    const before = sequenceOf(shopper, "participating").display$;
    await reroute(shopper);
    expect(shopper.w.service.count("POST /queues/:id/enter")).toBe(1);
    expect(sequenceOf(shopper, "participating").display$).toBe(before);
  });

  test("and proves who they are enters the better way beside it, by itself, and sees the old place until that is better (J31, J32, J34)", async () => {
    const shopper = await wait(world());
    await prove(shopper);
    await shopper.w.clock.advance(500);
    expect(shopper.w.service.count("POST /queues/:id/enter")).toBe(2);
    expect(shownIn(shopper)).toBe("queue_1");
    expect(sequenceOf(shopper, "participating").display$.get()).toMatchObject({ position: 7 });
    expect(Object.keys((await shopper.sdk.restore()).experiences.queues).sort()).toEqual(["queue_1", "queue_vip"]);
    shopper.w.lines.friends = queued(3);
    await shopper.w.clock.advance(20_000);
    expect(shownIn(shopper)).toBe("queue_vip");
    expect(sequenceOf(shopper, "participating")).toMatchObject({ sequenceId: "seq_vip", name: "Friends" });
    expect(shopper.w.left).toEqual(["queue_1"]);
    expect(eventsOf(shopper)).toEqual(["queue:entered", "queue:entered", "queue:left"]);
    expect(shopper.journey.events$.get().map(({ type }) => type)).toEqual(["reroute"]);
    expect(Object.keys((await shopper.sdk.restore()).experiences.queues)).toEqual(["queue_vip"]);
  });

  test("is taken to the better way's turn at once, with its grant and nobody else's (J32)", async () => {
    const shopper = await wait(world());
    shopper.w.lines.friends = admitted(shopper.w.clock);
    await prove(shopper);
    await shopper.w.clock.advance(1_000);
    expect(sequenceOf(shopper, "granted").grant).toMatchObject({ token: "grant of queue_vip", distributionId: "queue_vip" });
    expect(shopper.w.left).toEqual(["queue_1"]);
  });

  test("and comes to the turn in the old line first gives the other up (J32)", async () => {
    const shopper = await wait(world());
    await prove(shopper);
    shopper.w.lines.everyone = admitted(shopper.w.clock);
    await shopper.w.clock.advance(20_000);
    expect(sequenceOf(shopper, "granted").grant).toMatchObject({ distributionId: "queue_1" });
    expect(shopper.w.left).toEqual(["queue_vip"]);
  });

  test("goes on in the other line where the old one ends (J32)", async () => {
    const shopper = await wait(world());
    await prove(shopper);
    shopper.w.lines.everyone = { status: "DENIED", denyReason: "QUEUE_CLOSED" };
    await shopper.w.clock.advance(20_000);
    expect(sequenceOf(shopper, "participating")).toMatchObject({ sequenceId: "seq_vip" });
    expect(shopper.w.left).toEqual([]);
  });

  test("finds both places again on the next page and in another tab, and the better one there too (J33)", async () => {
    const w = world();
    const shopper = await wait(w);
    await prove(shopper);
    const other = await arrive(w);
    shopper.sdk.destroy();
    const later = await arrive(w);
    await w.clock.advance(1_000);
    expect([shownIn(other), shownIn(later)]).toEqual(["queue_1", "queue_1"]);
    w.lines.friends = queued(2);
    await w.clock.advance(30_000);
    expect([shownIn(other), shownIn(later)]).toEqual(["queue_vip", "queue_vip"]);
    expect(new Set(w.left)).toEqual(new Set(["queue_1"]));
  });

  test("in two tabs enters the better way once, and each tab ends there (J31, J33)", async () => {
    const w = world();
    const shopper = await wait(w);
    const other = await arrive(w);
    await w.clock.advance(1_000);
    expect([shownIn(shopper), shownIn(other)]).toEqual(["queue_1", "queue_1"]);
    w.lines.friends = queued(2);
    await prove(shopper);
    await w.clock.advance(30_000);
    expect([shownIn(shopper), shownIn(other)]).toEqual(["queue_vip", "queue_vip"]);
    for (const tab of [shopper, other]) expect(sequenceOf(tab, "participating")).toMatchObject({ sequenceId: "seq_vip" });
    expect(w.left).not.toContain("queue_vip");
    for (const tab of [shopper, other]) expect(eventsOf(tab).filter((name) => name === "queue:left")).toHaveLength(1);
    expect(Object.keys((await other.sdk.restore()).experiences.queues)).toEqual(["queue_vip"]);
  });

  test("and leaves in one of two tabs has left in the other with its next question, told once in each, and nothing more is asked (J33)", async () => {
    const w = world();
    const shopper = await wait(w);
    const other = await arrive(w);
    await w.clock.advance(1_000);
    await within(w.clock, 100, sequenceOf(shopper, "participating").leave!());
    const asked = w.service.requests.length;
    await w.clock.advance(60_000);
    for (const tab of [shopper, other]) {
      expect(sequenceOf(tab, "ended").outcome).toBe("left");
      expect(eventsOf(tab).filter((name) => name === "queue:left")).toHaveLength(1);
    }
    expect(w.service.requests.length - asked).toBeLessThanOrEqual(2);
    expect((await other.sdk.restore()).experiences.queues).toEqual({});
  });

  test("from the gate of the better way, in two tabs at once, takes one place in it (J34)", async () => {
    const w = world();
    w.service.answer("POST /experiences/:id/route", () => ({
      status: 200,
      body: { ...routed(vip(w.lines.gates)), outcome: w.lines.gates.length > 0 ? "gated" : "routed" },
    }));
    const tabs = [await arrive(w), await arrive(w)];
    await within(w.clock, 100, tabs[0]!.sdk.auth.guest());
    for (const { journey } of tabs) {
      const ready = journey.view$.get();
      if (ready.journeyStage === "ready") await within(w.clock, 100, ready.start());
    }
    await prove(tabs[0]!);
    await w.clock.advance(1_000);
    const entering = tabs.map((tab) => sequenceOf(tab, "enterable").enter());
    await within(w.clock, 1_000, Promise.all(entering));
    await w.clock.advance(10_000);
    for (const tab of tabs) expect(sequenceOf(tab, "participating")).toMatchObject({ sequenceId: "seq_vip" });
    expect(w.left).toEqual([]);
    expect(Object.keys((await tabs[1]!.sdk.restore()).experiences.queues)).toEqual(["queue_vip"]);
  });

  test("and leaves has left both (J33)", async () => {
    const shopper = await wait(world());
    await prove(shopper);
    await within(shopper.w.clock, 500, sequenceOf(shopper, "participating").leave!());
    expect(shopper.w.left.toSorted()).toEqual(["queue_1", "queue_vip"]);
    expect(sequenceOf(shopper, "ended").outcome).toBe("left");
    await shopper.w.clock.advance(60_000);
    expect((await shopper.sdk.restore()).experiences.queues).toEqual({});
  });

  test("and logs out has left nothing behind on this page (J33)", async () => {
    const shopper = await wait(world());
    await prove(shopper);
    await within(shopper.w.clock, 500, shopper.sdk.auth.logout());
    const asked = shopper.w.service.requests.length;
    await shopper.w.clock.advance(120_000);
    expect(shopper.w.service.requests.length).toBe(asked);
    expect(shopper.journey.snapshot$.get().journeyStage).toBe("ready");
  });
});

test("a page before the line finds the place of whoever says who they are there, without anybody joining (J34)", async () => {
  const w = world();
  const shopper = await arrive(w);
  const ready = shopper.journey.view$.get();
  if (ready.journeyStage === "ready") await within(w.clock, 100, ready.start());
  sequenceOf(shopper, "enterable");
  w.service.answer("GET /queues/:id/status", ({ path }) => ({ status: 200, body: path.includes("queue_1") ? queued(7) : { status: "NOT_QUEUED" } }));
  w.lines.gates = needsIdentity;
  w.service.answer("POST /experiences/:id/route", () => ({ status: 200, body: routed(offer(), vip(needsIdentity)) }));
  await prove(shopper);
  await w.clock.advance(500);
  expect(sequenceOf(shopper, "participating").display$.get()).toMatchObject({ position: 7 });
  expect(w.service.count("POST /queues/:id/enter")).toBe(0);
});

describe("a gate that asks who somebody is", () => {
  test("and was put up after the page had looked is shown to whoever runs into it (J34)", async () => {
    const w = world();
    const shopper = await arrive(w);
    const ready = shopper.journey.view$.get();
    if (ready.journeyStage === "ready") await within(w.clock, 100, ready.start());
    w.service.answer("POST /queues/:id/enter", refusal(403, "authentication_required", { requires: "identity" }));
    w.service.answer("POST /experiences/:id/route", () => ({ status: 200, body: { ...routed(offer({ gates: needsIdentity })), outcome: "gated" } }));
    await expect(within(w.clock, 100, sequenceOf(shopper, "enterable").enter())).rejects.toMatchObject({ code: "AUTHENTICATION_REQUIRED" });
    await w.clock.advance(200);
    expect(shopper.journey.snapshot$.get()).toMatchObject({ journeyStage: "gated", gates: [{ type: "authentication" }] });
  });

  test("says what there is to prove, and opens by itself once it is proved (J34)", async () => {
    const w = world();
    w.service.answer("POST /experiences/:id/route", () => ({ status: 200, body: { ...routed(vip(w.lines.gates)), outcome: "gated" } }));
    const shopper = await arrive(w);
    await within(w.clock, 100, shopper.sdk.auth.guest());
    const ready = shopper.journey.view$.get();
    if (ready.journeyStage === "ready") await within(w.clock, 100, ready.start());
    expect(shopper.journey.snapshot$.get()).toMatchObject({
      journeyStage: "gated",
      gates: [{ type: "authentication", reason: "This way in is for those who are known." }],
    });
    await prove(shopper);
    await w.clock.advance(200);
    expect(sequenceOf(shopper, "enterable")).toMatchObject({ sequenceId: "seq_vip" });
  });
});

test("a place is better where its turn has come or its wait is shorter, and never where that cannot be said (J32)", () => {
  const at = (low: number | null, admitRatePerMinute = 6) => ({
    kind: "waiting" as const,
    display: {
      position: 1,
      positionDisplayMode: "precise" as const,
      waitingAhead: 0,
      progress: 0,
      estimatedWaitSeconds: low === null ? null : { low, high: low + 10 },
      admitRatePerMinute,
      updatedAt: "",
    },
  });
  const granted = { ...at(0), kind: "granted" as const };
  expect([isBetter(at(10), at(20)), isBetter(at(20), at(20)), isBetter(at(30), at(20))]).toEqual([true, false, false]);
  expect([isBetter(granted, at(1)), isBetter(granted, granted), isBetter(at(1), granted)]).toEqual([true, false, false]);
  expect([isBetter(at(10), at(null)), isBetter(at(10), at(null, 0)), isBetter(at(null), at(20)), isBetter(at(null), at(null, 0))]).toEqual([
    false,
    true,
    false,
    false,
  ]);
});
