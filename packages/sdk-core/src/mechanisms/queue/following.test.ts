import { describe, expect, test } from "vitest";
import type { JourneyHandle, QueueDisplay, SequenceView } from "@fanfare-io/fanfare-contract";
import { offer, queued, routed, scriptSessions, startSdk, within } from "../../testing/launch.ts";
import { scriptMovingLine } from "../../testing/moving-line.ts";
import type { MovingLine } from "../../testing/moving-line.ts";
import { refusal } from "../../testing/scripted-service.ts";
import { createTabWorld } from "../../testing/tab-world.ts";
import type { TabWorld } from "../../testing/tab-world.ts";

const sharedLine = "GET /queues/:id";
const statusLine = "GET /queues/:id/status";
const asksOf = ({ service }: TabWorld): number => service.requests.filter(({ path }) => path.startsWith("/queues/")).length;
/** What the service tells, times what goes through in a second. */
const asTheServiceTells = (wait: number): number =>
  wait > 90 ? Math.min(60, Math.max(30, Math.round(wait - 60))) : Math.min(30, Math.max(5, Math.round(wait * 0.85)));

interface Joined {
  readonly w: TabWorld;
  readonly line: MovingLine;
  readonly journey: JourneyHandle;
  readonly names: () => string[];
}

function sequenceOf(journey: JourneyHandle): SequenceView {
  const view = journey.view$.get();
  if (view.journeyStage !== "routed") throw new Error(`The journey is ${view.journeyStage}.`);
  return view.sequence;
}
function displayOf(journey: JourneyHandle): QueueDisplay {
  const sequence = sequenceOf(journey);
  if (sequence.phase !== "participating" || sequence.mechanism === "draw") throw new Error(`The sequence is ${sequence.phase}.`);
  return sequence.display$.get();
}

async function joinBehind(ahead: number): Promise<Joined> {
  // Fetched when it is needed, in real time, for which the simulated clock does not wait.
  await import("./shared.ts");
  const w = createTabWorld();
  scriptSessions(w.service, w.clock);
  w.service.answer("POST /experiences/:id/route", { status: 200, body: routed(offer()) });
  w.service.answer("POST /grants/presentation", () => ({
    status: 200,
    body: {
      token: "t",
      tokenExpiresAt: new Date(w.clock.now() + 120_000).toISOString(),
      grantId: "grant_1",
      expiresAt: new Date(w.clock.now() + 600_000).toISOString(),
    },
  }));
  const tab = w.openTab();
  const { sdk, names } = await startSdk(w, tab);
  const journey = sdk.journeys.get("exp_1");
  w.service.answer(statusLine, { status: 200, body: { status: "NOT_QUEUED" } });
  const view = journey.view$.get();
  if (view.journeyStage === "ready") await within(w.clock, 100, view.start());
  const sequence = sequenceOf(journey);
  const line = scriptMovingLine(w.service, w.clock, ahead, asTheServiceTells);
  if (sequence.phase === "enterable" && "enter" in sequence) await within(w.clock, 100, sequence.enter());
  return { w, line, journey, names };
}

describe("a wait of five minutes", () => {
  test("costs at most ten requests to the service, joining and learning of the turn included", async () => {
    const { w, journey, names } = await joinBehind(3_000);
    const before = w.service.requests.length;
    let seconds = 0;
    for (; seconds < 330 && sequenceOf(journey).phase !== "granted"; seconds++) await w.clock.advance(1_000);
    expect(seconds).toBeGreaterThanOrEqual(299);
    expect(seconds).toBeLessThanOrEqual(310);
    expect(names()).toContain("queue:admitted");
    expect(asksOf(w)).toBeLessThanOrEqual(10);
    expect(w.service.requests.length - before).toBeLessThanOrEqual(10);
    expect(w.service.count(sharedLine)).toBeGreaterThanOrEqual(1);
  });

  test("shows the exact place throughout, which never rises", async () => {
    const { w, line, journey } = await joinBehind(3_000);
    const shown: number[] = [];
    for (let seconds = 0; seconds < 250; seconds++) {
      const asked = asksOf(w);
      await w.clock.advance(1_000);
      const { position } = displayOf(journey);
      if (asksOf(w) > asked) expect(Math.abs((position ?? 0) - (3_001 - line.departed()))).toBeLessThanOrEqual(10);
      shown.push(position ?? Infinity);
    }
    expect(shown).toEqual(shown.toSorted((a, b) => b - a));
    expect(new Set(shown).size).toBeGreaterThan(3);
  });
});

describe("far from the turn", () => {
  test("only the body that everybody reads is asked, without anything in it that is one's own", async () => {
    const { w, journey } = await joinBehind(15_000);
    await w.clock.advance(600_000);
    expect(w.service.count(statusLine)).toBe(0);
    expect(w.service.count(sharedLine)).toBeGreaterThanOrEqual(8);
    expect(w.service.count(sharedLine)).toBeLessThanOrEqual(13);
    const request = w.service.requests.find(({ line }) => line === sharedLine);
    expect(request?.query.get("pk")).toBe("pk_live_xxx");
    expect([...(request?.headers.keys() ?? [])]).toEqual(["accept"]);
    expect(displayOf(journey)).toMatchObject({ estimatedWaitSeconds: { low: expect.any(Number) as number }, admitRatePerMinute: 600 });
  });

  test("the service itself is asked now and then, and at once where the body cannot be had", async () => {
    const { w } = await joinBehind(15_000);
    await w.clock.advance(1_000_000);
    expect(w.service.count(statusLine)).toBe(1);
    w.service.answer(sharedLine, refusal(404, "not_found"));
    await w.clock.advance(70_000);
    expect(w.service.count(statusLine)).toBeGreaterThanOrEqual(2);
  });

  test("an older body out of a cache changes nothing, and a message is read out of a newer one", async () => {
    const { w, line, journey } = await joinBehind(15_000);
    await w.clock.advance(130_000);
    const { position } = displayOf(journey);
    line.say({ version: 1, departures: { from: 0, before: 0, blockSize: 512, counts: Array.from({ length: 100 }, () => 0) } });
    await w.clock.advance(70_000);
    expect(displayOf(journey).position).toBe(position);
    line.say({ message: "Back at ten.", state: "paused" });
    await w.clock.advance(70_000);
    expect(displayOf(journey)).toMatchObject({ message: "Back at ten.", estimatedWaitSeconds: null, admitRatePerMinute: 0 });
  });

  test("when nothing is left it ends without a question of one's own: a million people learn it at once", async () => {
    const { w, line, journey } = await joinBehind(15_000);
    line.say({ state: "exhausted" });
    await w.clock.advance(70_000);
    expect(sequenceOf(journey)).toMatchObject({ phase: "ended", outcome: "closed" });
    expect(w.service.count(statusLine)).toBe(0);
  });
});

describe("a waiter of whom something is asked in the middle of the wait", () => {
  test("is shown it, comes back to enter once more, where the transport does the work, and stands where they stood", async () => {
    const { w, journey } = await joinBehind(30);
    const check = { gate: "bot_check", reasons: ["address_shared"], heldUntil: new Date(w.clock.now() + 600_000).toISOString() } as const;
    let answered = false;
    let isDown = true;
    const before = w.service.count("POST /queues/:id/enter");
    const standing = () => queued(3, { ticket: 31, version: 40, pollAfterSeconds: 5, ...(answered ? {} : { check }) });
    w.service.answer(statusLine, () => ({ status: 200, body: standing() }));
    w.service.answer("POST /queues/:id/enter", () => {
      if (isDown) return refusal(404, "not_found");
      answered = true;
      return { status: 200, body: { ...standing(), pollToken: "poll-2" } };
    });
    await w.clock.advance(8_000);
    expect(displayOf(journey)).toMatchObject({ position: 3, check });
    isDown = false;
    await w.clock.advance(8_000);
    expect(answered).toBe(true);
    expect(displayOf(journey).position).toBe(3);
    expect(displayOf(journey)).not.toHaveProperty("check");
    const asked = w.service.count("POST /queues/:id/enter") - before;
    await w.clock.advance(20_000);
    expect(w.service.count("POST /queues/:id/enter") - before).toBe(asked);
  });
});
