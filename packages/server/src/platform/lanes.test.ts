import { expect, test } from "vitest";
import { createLanes } from "./lanes.ts";

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("so much runs at once, the rest in the order in which it came, and what hangs keeps one lane only", async () => {
  const lanes = createLanes(2);
  const begun: string[] = [];
  const hanging = Promise.withResolvers<void>();
  const work = (name: string, until?: Promise<void>): Promise<void> =>
    lanes.run(async () => {
      begun.push(name);
      await until;
    });
  const first = Promise.withResolvers<void>();
  const all = [work("hangs", hanging.promise), work("first", first.promise), work("second"), work("third")];
  await settled();
  expect(begun).toEqual(["hangs", "first"]);
  first.resolve();
  await Promise.all(all.slice(1));
  expect(begun).toEqual(["hangs", "first", "second", "third"]);
  hanging.resolve();
  await Promise.all(all);
});

test("work that fails says so and gives its lane on", async () => {
  const lanes = createLanes(1);
  const failing = lanes.run(() => Promise.reject(new Error("no")));
  const next = lanes.run(async () => "yes");
  await expect(failing).rejects.toThrow("no");
  expect(await next).toBe("yes");
});
