import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createSimulatedClock } from "../testing/simulated-clock.ts";
import { createAlarm } from "./alarm.ts";
import { backoffDelayMs } from "./backoff.ts";
import { openChannel } from "./channel.ts";
import { createEmitter } from "./emitter.ts";
import { createMailbox } from "./mailbox.ts";
import { createPoller } from "./poller.ts";
import { toBase64Url } from "./base64url.ts";
import { createSingleFlight } from "./single-flight.ts";
import { pageVisibility } from "./visibility.ts";

interface Facts {
  readonly said: number;
}

describe("emitter", () => {
  test("facts before the release wait, in order, and a listener that throws stops nobody", () => {
    const reported: unknown[] = [];
    const emitter = createEmitter<Facts>((error) => reported.push(error));
    const heard: number[] = [];
    emitter.emit("said", 1);
    emitter.on("said", () => {
      throw new Error("host");
    });
    const off = emitter.on("said", (value) => heard.push(value));
    emitter.emit("said", 2);
    expect(heard).toEqual([]);
    emitter.release();
    emitter.emit("said", 3);
    off();
    emitter.emit("said", 4);
    expect(heard).toEqual([1, 2, 3]);
    expect(reported).toHaveLength(4);
  });

  test("a fact that a listener brings about is told after the one it listens to, to everybody (S34)", () => {
    const told: string[] = [];
    const emitter = createEmitter<{ came: string; left: string }>(() => {});
    emitter.on("came", (who) => emitter.emit("left", who));
    emitter.on("came", (who) => told.push(`${who} came`));
    emitter.on("left", (who) => told.push(`${who} left`));
    emitter.emit("came", "Ann");
    emitter.release();
    emitter.emit("came", "Bob");
    expect(told).toEqual(["Ann came", "Ann left", "Bob came", "Bob left"]);
  });

  test("a listener that another one takes off is not called any more, and nobody is once all are gone", () => {
    const told: string[] = [];
    const emitter = createEmitter<{ came: string }>(() => {});
    emitter.release();
    emitter.on("came", () => off());
    const off = emitter.on("came", () => told.push("taken off"));
    emitter.on("came", () => {
      told.push("clears");
      emitter.clear();
    });
    emitter.on("came", () => told.push("cleared"));
    emitter.emit("came", "Ann");
    emitter.emit("came", "Bob");
    expect(told).toEqual(["clears"]);
  });

  test("the same function registered twice is called twice, and removed one by one", () => {
    const emitter = createEmitter<Facts>(() => {});
    emitter.release();
    let calls = 0;
    const listener = (): void => void calls++;
    const off = emitter.on("said", listener);
    emitter.on("said", listener);
    emitter.emit("said", 1);
    off();
    off();
    emitter.emit("said", 1);
    expect(calls).toBe(3);
  });
});

describe("time", () => {
  test("the pause before an attempt is jittered in full, grows to its cap, and respects what was asked for", () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.double({ min: 0, max: 0.999, noNaN: true }), fc.nat(100_000), (attempt, random, atLeastMs) => {
        const delay = backoffDelayMs({ attempt, baseMs: 400, capMs: 60_000, random: () => random, atLeastMs });
        expect(delay).toBeGreaterThanOrEqual(atLeastMs);
        expect(delay).toBeLessThan(atLeastMs + Math.min(60_000, 400 * 2 ** Math.min(attempt, 30)) + 1);
      }),
    );
  });

  test("an alarm set again replaces the first, and holds for months", async () => {
    const clock = createSimulatedClock();
    const alarm = createAlarm(clock);
    const rung: string[] = [];
    alarm.set(1_000, () => rung.push("first"));
    alarm.set(60 * 86_400_000, () => rung.push("second"));
    await clock.advance(60 * 86_400_000 - 1);
    expect(rung).toEqual([]);
    await clock.advance(1);
    expect(rung).toEqual(["second"]);
    expect(clock.pending()).toBe(0);
  });

  test("a poller asks one question at a time, rests on null, and an answer after stop starts nothing", async () => {
    const clock = createSimulatedClock();
    let asked = 0;
    let answer = (_delay: number | null): void => {};
    const poller = createPoller(clock, () => {
      asked++;
      return new Promise((resolve) => (answer = resolve));
    });
    void poller.now();
    void poller.now();
    poller.after(1);
    await clock.advance(100);
    expect(asked).toBe(1);
    answer(500);
    await clock.advance(600);
    expect(asked).toBe(2);
    answer(null);
    await clock.advance(100_000);
    expect(asked).toBe(2);
    void poller.now();
    poller.stop();
    answer(5);
    await clock.advance(100);
    await poller.now();
    expect(asked).toBe(3);
    expect(clock.pending()).toBe(0);
  });
});

describe("order", () => {
  test("a mailbox runs tasks one after the other, and goes on after a failure", async () => {
    const post = createMailbox();
    const done: string[] = [];
    let open = (): void => {};
    const first = post(async () => {
      await new Promise<void>((resolve) => (open = resolve));
      done.push("first");
    });
    const second = post(() => Promise.reject(new Error("second")));
    const third = post(() => done.push("third"));
    await Promise.resolve();
    open();
    await expect(second).rejects.toThrow("second");
    await Promise.all([first, third]);
    expect(done).toEqual(["first", "third"]);
  });

  test("a single flight is shared while it lasts, and not after", async () => {
    const flight = createSingleFlight<number>();
    let runs = 0;
    const run = (): Promise<number> => Promise.resolve(++runs);
    expect(await Promise.all([flight(run), flight(run)])).toEqual([1, 1]);
    await expect(flight(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await flight(run)).toBe(2);
  });
});

describe("the page", () => {
  test("a channel reaches its peers and not itself, until it is closed", async () => {
    const [a, b] = [openChannel("test-channel")!, openChannel("test-channel")!];
    const own: unknown[] = [];
    a.listen((message) => own.push(message));
    const heard = new Promise((resolve) => b.listen(resolve));
    a.post({ v: 1 });
    expect(await heard).toEqual({ v: 1 });
    expect(own).toEqual([]);
    a.close();
    b.close();
  });

  test("without BroadcastChannel the storage event is the message, and nothing stays behind", () => {
    const target = new EventTarget();
    const written: string[] = [];
    const page = Object.assign(target, {
      localStorage: { setItem: (_key: string, value: string) => written.push(value), removeItem: () => written.push("removed") },
    });
    const own = globalThis.BroadcastChannel;
    Object.assign(globalThis, { BroadcastChannel: undefined, window: page });
    try {
      const channel = openChannel("ours")!;
      const heard: unknown[] = [];
      const off = channel.listen((message) => heard.push(message));
      channel.post({ v: 1 });
      expect(written).toEqual(['{"v":1}', "removed"]);
      for (const [key, newValue] of [
        ["ours", '{"v":1}'],
        ["ours", null],
        ["theirs", "{}"],
      ])
        page.dispatchEvent(Object.assign(new Event("storage"), { key, newValue }));
      off();
      page.dispatchEvent(Object.assign(new Event("storage"), { key: "ours", newValue: '{"v":1}' }));
      expect(heard).toEqual([{ v: 1 }]);
    } finally {
      Object.assign(globalThis, { BroadcastChannel: own });
      delete (globalThis as { window?: unknown }).window;
    }
  });

  test("without a document the page counts as visible and never wakes", () => {
    expect(pageVisibility.isVisible()).toBe(true);
    expect(() => pageVisibility.onWake(() => {})()).not.toThrow();
  });

  test("bytes become text that any header takes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(toBase64Url(bytes)).toBe(Buffer.from(bytes).toString("base64url"));
      }),
    );
  });
});
