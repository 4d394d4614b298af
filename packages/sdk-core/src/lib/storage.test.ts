import { describe, expect, test } from "vitest";
import { createSimulatedClock } from "../testing/simulated-clock.ts";
import { createMemoryStorage, createResilientStorage } from "./resilient-storage.ts";
import { createMemoryShelf } from "./shelf.ts";
import type { Shelf } from "./shelf.ts";
import { openWebStorage } from "./storage.ts";
import { createSureShelf } from "./sure-shelf.ts";
import { isNewer, parsed, unversioned, versioned } from "./versioned-json.ts";

describe("storage", () => {
  test("a key that cannot be written lives on in memory, hides the older value, and is reported once", async () => {
    const inner = createMemoryStorage();
    const reported: unknown[] = [];
    let full = false;
    const storage = createResilientStorage(
      { ...inner, setItem: (key, value) => (full ? Promise.reject(new Error("quota")) : inner.setItem(key, value)) },
      (error) => reported.push(error),
      createSimulatedClock(),
    );
    await storage.setItem("a", "1");
    full = true;
    await storage.setItem("a", "2");
    await storage.setItem("b", "3");
    expect([await storage.getItem("a"), await storage.getItem("b"), await inner.getItem("a")]).toEqual(["2", "3", null]);
    expect(reported).toHaveLength(1);
    full = false;
    await storage.setItem("a", "4");
    expect(await inner.getItem("a")).toBe("4");
    await storage.removeItem("b");
    expect(await storage.getItem("b")).toBeNull();
  });

  test("storage that cannot be removed from reads as empty", async () => {
    const inner = createMemoryStorage();
    await inner.setItem("a", "1");
    const storage = createResilientStorage({ ...inner, removeItem: () => Promise.reject(new Error("blocked")) }, () => {}, createSimulatedClock());
    await storage.removeItem("a");
    expect(await storage.getItem("a")).toBeNull();
  });

  test("a page whose storage throws on access has none", () => {
    const own = Object.getOwnPropertyDescriptor(globalThis, "localStorage");
    Object.defineProperty(globalThis, "localStorage", {
      configurable: true,
      get() {
        throw new DOMException("blocked", "SecurityError");
      },
    });
    try {
      expect(openWebStorage("local")).toBeNull();
    } finally {
      if (own) Object.defineProperty(globalThis, "localStorage", own);
      else delete (globalThis as { localStorage?: unknown }).localStorage;
    }
  });

  test("a shelf that answers too late is given up, and what it was to decide is not decided there any more", async () => {
    const clock = createSimulatedClock();
    const first = createMemoryShelf();
    const second = createMemoryShelf();
    const slow: Shelf = { ...first, transact: (decide) => new Promise((resolve) => void clock.setTimeout(() => resolve(first.transact(decide)), 5_000)) };
    const shelf = createSureShelf(slow, async () => second, clock);
    const writing = shelf.transact(() => ({ a: 1 }));
    await clock.advance(10_000);
    expect((await writing).get("a")).toBe(1);
    expect([(await first.read()).size, (await second.read()).size, shelf.isFirst()]).toEqual([0, 1, false]);
    expect(clock.pending()).toBe(0);
  });

  test("a shelf that refuses is given up; one that answers is not", async () => {
    const clock = createSimulatedClock();
    const first = createMemoryShelf();
    let refuses = false;
    const moody: Shelf = { ...first, read: () => (refuses ? Promise.reject(new Error("refused")) : first.read()) };
    const shelf = createSureShelf(moody, async () => createMemoryShelf(), clock);
    await shelf.transact(() => ({ a: 1 }));
    expect([(await shelf.read()).get("a"), shelf.isFirst()]).toEqual([1, true]);
    refuses = true;
    expect([(await shelf.read()).size, shelf.isFirst()]).toEqual([0, false]);
  });

  test("only objects of our version are read", () => {
    expect(unversioned(parsed(JSON.stringify(versioned({ a: 1 }))))).toEqual({ v: 1, a: 1 });
    for (const text of [null, "", "null", "1", '"x"', "[]", "{", '{"v":2}', '{"a":1}']) expect(unversioned(parsed(text))).toBeNull();
    expect([{ v: 2 }, { v: 1 }, {}, null, "v2"].map(isNewer)).toEqual([true, false, false, false, false]);
  });
});
