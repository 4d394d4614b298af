import type { QueueConsumerState, SequenceView } from "@fanfare-io/fanfare-contract";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { admitted, offer, queued, routed, scriptSessions, startSdk, within } from "../../testing/launch.ts";
import { createSimulatedClock } from "../../testing/simulated-clock.ts";
import { createTabWorld } from "../../testing/tab-world.ts";
import type { Tab, TabWorld } from "../../testing/tab-world.ts";
import { startListening } from "./listening.ts";
import type { Heard } from "./listening.ts";

const statusLine = "GET /queues/:id/status";
const near = (position: number): QueueConsumerState => queued(position, { stream: true, pollAfterSeconds: 5 });

/** What a stream is told by a test. */
interface Voice {
  readonly events: ReadableStream<Uint8Array>;
  say(text: string): void;
  state(state: QueueConsumerState): void;
  end(): void;
  isHungUp(): boolean;
}

function createVoice(): Voice {
  let control: ReadableStreamDefaultController<Uint8Array> | undefined;
  let hungUp = false;
  const events = new ReadableStream<Uint8Array>({ start: (given) => void (control = given), cancel: () => void (hungUp = true) });
  const say = (text: string): void => control?.enqueue(new TextEncoder().encode(text));
  return { events, say, state: (state) => say(`data: ${JSON.stringify(state)}\n\n`), end: () => control?.close(), isHungUp: () => hungUp };
}

interface Joined {
  readonly w: TabWorld;
  readonly tab: Tab;
  readonly sequence: () => SequenceView;
  readonly asked: () => number;
  /** What the last question said that it takes. */
  readonly accepted: () => string | null | undefined;
}

async function joinNear(place: QueueConsumerState = near(3)): Promise<Joined> {
  const w = createTabWorld();
  scriptSessions(w.service, w.clock);
  w.service.answer("POST /experiences/:id/route", { status: 200, body: routed(offer()) });
  const minutes = (count: number): string => new Date(w.clock.now() + count * 60_000).toISOString();
  w.service.answer("POST /grants/presentation", () => ({
    status: 200,
    body: { token: "t", tokenExpiresAt: minutes(2), grantId: "grant_1", expiresAt: minutes(10) },
  }));
  w.service.answer("POST /queues/:id/enter", { status: 200, body: { ...place, pollToken: "poll-1" } });
  w.service.answer("POST /queues/:id/leave", { status: 200, body: { status: "LEFT" } });
  w.service.answer(statusLine, { status: 200, body: { status: "NOT_QUEUED" } });
  const tab = w.openTab();
  const { sdk } = await startSdk(w, tab);
  const journey = sdk.journeys.get("exp_1");
  const ready = journey.view$.get();
  if (ready.journeyStage === "ready") await within(w.clock, 100, ready.start());
  const sequence = (): SequenceView => {
    const view = journey.view$.get();
    if (view.journeyStage !== "routed") throw new Error(`The journey is ${view.journeyStage}.`);
    return view.sequence;
  };
  const asked = w.service.count(statusLine);
  return {
    ...{ w, tab, sequence },
    asked: () => w.service.count(statusLine) - asked,
    accepted: () => w.service.requests.findLast(({ line }) => line === statusLine)?.headers.get("accept"),
  };
}

async function enter({ w, sequence }: Joined): Promise<void> {
  const view = sequence();
  if (view.phase === "enterable" && "enter" in view) await within(w.clock, 1, view.enter());
}

async function joinListening(): Promise<Joined & { readonly voice: Voice }> {
  const joined = await joinNear();
  const voice = createVoice();
  voice.state(near(3));
  joined.w.service.answer(statusLine, { status: 200, events: voice.events });
  await enter(joined);
  await joined.w.clock.advance(400);
  return { ...joined, voice };
}

describe("near the turn", () => {
  test("the turn is known when it is told, and one question has been asked", async () => {
    const { w, voice, sequence, asked, accepted } = await joinListening();
    expect([asked(), accepted()]).toEqual([1, "text/event-stream, application/json"]);
    await w.clock.advance(9_000);
    voice.state(near(1));
    await w.clock.advance(9_000);
    expect(sequence()).toMatchObject({ phase: "participating" });
    voice.state(admitted(w.clock));
    await w.clock.settle();
    expect(sequence().phase).toBe("granted");
    expect(asked()).toBe(1);
  });

  test("what the service would tell is listened to at once, however long the next question would have time", async () => {
    const joined = await joinNear(queued(9, { stream: true, pollAfterSeconds: 60 }));
    const voice = createVoice();
    voice.state(near(9));
    joined.w.service.answer(statusLine, { status: 200, events: voice.events });
    await enter(joined);
    await joined.w.clock.advance(3_100);
    expect([joined.asked(), joined.accepted()]).toEqual([1, "text/event-stream, application/json"]);
    voice.state(admitted(joined.w.clock));
    await joined.w.clock.settle();
    expect([joined.sequence().phase, joined.asked()]).toEqual(["granted", 1]);
  });

  test("whoever comes near hears it as the answer to the question that was due, and asks none more", async () => {
    const joined = await joinNear(queued(40, { pollAfterSeconds: 30 }));
    const voice = createVoice();
    voice.state(near(9));
    joined.w.service.answer(statusLine, { status: 200, events: voice.events });
    await enter(joined);
    await joined.w.clock.advance(26_000);
    expect(joined.asked()).toBe(0);
    await joined.w.clock.advance(8_000);
    voice.state(admitted(joined.w.clock));
    await joined.w.clock.settle();
    expect([joined.sequence().phase, joined.asked()]).toEqual(["granted", 1]);
  });

  test("where the service has no room for it, questions go on at the pace that it tells", async () => {
    const joined = await joinNear();
    joined.w.service.answer(statusLine, () => ({ status: 200, body: near(2) }));
    await enter(joined);
    await joined.w.clock.advance(21_000);
    expect(joined.asked()).toBeGreaterThanOrEqual(4);
    expect(joined.asked()).toBeLessThanOrEqual(6);
  });

  test("a proxy that holds events back costs four seconds once; from then on there are questions as ever", async () => {
    const joined = await joinNear();
    const voice = createVoice();
    joined.w.service.answer(statusLine, { status: 200, events: voice.events });
    await enter(joined);
    await joined.w.clock.advance(4_500);
    expect([joined.asked(), voice.isHungUp()]).toEqual([1, true]);
    joined.w.service.answer(statusLine, () => ({ status: 200, body: near(2) }));
    await joined.w.clock.advance(12_000);
    expect(joined.asked()).toBeGreaterThanOrEqual(3);
    expect(joined.accepted()).toBe("application/json");
  });

  test("one that holds back the whole answer is asked for events once, and for questions from then on", async () => {
    const joined = await joinNear();
    joined.w.service.answer(statusLine, ({ headers }) => (headers.get("accept")?.includes("event-stream") ? "never" : { status: 200, body: near(2) }));
    await enter(joined);
    await joined.w.clock.advance(30_000);
    expect(joined.asked()).toBeGreaterThanOrEqual(4);
    expect(joined.accepted()).toBe("application/json");
    expect(joined.sequence()).toMatchObject({ phase: "participating" });
  });

  test("and is asked for them again after five minutes, since it may have been the network, or a frozen page", async () => {
    const joined = await joinNear();
    const silent = createVoice();
    let isSilent = true;
    joined.w.service.answer(statusLine, ({ headers }) => {
      const isOffered = headers.get("accept")?.includes("event-stream");
      return { status: 200, ...(isOffered && isSilent ? { events: silent.events } : { body: near(2) }) };
    });
    await enter(joined);
    await joined.w.clock.advance(4 * 60_000);
    expect(joined.accepted()).toBe("application/json");
    isSilent = false;
    await joined.w.clock.advance(2 * 60_000);
    expect(joined.accepted()).toBe("text/event-stream, application/json");
  });

  test("a page that was frozen over an open stream asks as soon as it is thawed, and listens to the new one alone", async () => {
    const { w, tab, voice, sequence, asked } = await joinListening();
    tab.freeze();
    await w.clock.advance(3_600_000);
    expect(asked()).toBe(1);
    const next = createVoice();
    next.state(near(1));
    w.service.answer(statusLine, { status: 200, events: next.events });
    tab.thaw();
    await w.clock.settle();
    expect([asked(), voice.isHungUp(), next.isHungUp()]).toEqual([2, true, false]);
    next.state(admitted(w.clock));
    await w.clock.settle();
    expect(sequence().phase).toBe("granted");
  });

  test("a stream that falls silent is given up, and one that ends is followed by a question", async () => {
    const { w, voice, asked } = await joinListening();
    await w.clock.advance(15_000);
    expect(asked()).toBe(1);
    w.service.answer(statusLine, () => ({ status: 200, body: near(2) }));
    await w.clock.advance(8_000);
    expect(voice.isHungUp()).toBe(true);
    expect(asked()).toBeGreaterThanOrEqual(2);
    const other = await joinListening();
    other.w.service.answer(statusLine, () => ({ status: 200, body: near(2) }));
    other.voice.end();
    await other.w.clock.advance(400);
    expect(other.asked()).toBe(1);
    await other.w.clock.advance(6_000);
    expect(other.asked()).toBe(2);
  });

  test("what is told to ask asks at once, and listens on", async () => {
    const { w, voice, sequence, asked } = await joinListening();
    const next = createVoice();
    next.state(near(2));
    w.service.answer(statusLine, { status: 200, events: next.events });
    voice.say("event: ask\ndata: 1\n\n");
    await w.clock.settle();
    expect(asked()).toBe(2);
    next.state(admitted(w.clock));
    await w.clock.settle();
    expect(sequence().phase).toBe("granted");
  });

  test("a page that is not seen takes no connection from those that are", async () => {
    const joined = await joinNear();
    joined.tab.hide();
    joined.w.service.answer(statusLine, () => ({ status: 200, body: near(2) }));
    await enter(joined);
    await joined.w.clock.advance(10_000);
    expect(joined.accepted()).toBe("application/json");
  });

  test("whoever leaves hangs up, and hears nothing of the place that they had", async () => {
    const { w, voice, sequence } = await joinListening();
    const view = sequence();
    if (view.phase === "participating" && "leave" in view) await within(w.clock, 10, view.leave());
    expect(voice.isHungUp()).toBe(true);
    expect(sequence().phase).not.toBe("participating");
  });
});

describe("a stream of events", () => {
  test("says the same however it is cut into pieces", async () => {
    const states = [queued(3), queued(2, { message: "Zwei → noch ☕" }), queued(1)];
    const bytes = new TextEncoder().encode(`${states.map((state) => `data: ${JSON.stringify(state)}\n\n`).join("")}event: ask\ndata: 1\n\n`);
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.integer({ min: 1, max: bytes.length - 1 }), { maxLength: 12 }), async (cuts) => {
        const edges = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
        const body = new ReadableStream<Uint8Array>({
          start(control) {
            edges.slice(1).forEach((edge, index) => control.enqueue(bytes.slice(edges[index], edge)));
            control.close();
          },
        });
        const heard: Heard[] = [];
        const over = new Promise<void>((resolve) => {
          const { first } = startListening(new Response(body), createSimulatedClock(), (next) => {
            heard.push(next);
            if (next.kind !== "state") resolve();
          });
          void first.then((state) => heard.unshift({ kind: "state", state }));
        });
        await over;
        expect(heard).toEqual([...states.map((state) => ({ kind: "state", state })), { kind: "ask" }]);
      }),
      { numRuns: 40 },
    );
  });
});
