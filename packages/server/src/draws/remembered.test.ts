import { expect, test } from "vitest";
import { createRemembered } from "./remembered.ts";

test("what was made first is forgotten first, as soon as all together is too heavy", () => {
  const remembered = createRemembered<string>(10);
  remembered.put("a", "A", 4);
  remembered.put("b", "B", 4);
  expect([remembered.get("a"), remembered.get("b")]).toEqual(["A", "B"]);
  remembered.put("c", "C", 4);
  expect(["a", "b", "c"].map(remembered.get)).toEqual([undefined, "B", "C"]);
});

test("what is put again, or forgotten, weighs what it weighs now", () => {
  const remembered = createRemembered<string>(10);
  for (let again = 0; again < 5; again++) remembered.put("a", "A", 6);
  remembered.put("b", "B", 4);
  expect(["a", "b"].map(remembered.get)).toEqual(["A", "B"]);
  remembered.forget("a");
  remembered.put("c", "C", 6);
  expect(["b", "c"].map(remembered.get)).toEqual(["B", "C"]);
});

test("what is too heavy by itself is kept until the next comes", () => {
  const remembered = createRemembered<string>(10);
  remembered.put("a", "A", 40);
  expect(remembered.get("a")).toBe("A");
  remembered.put("b", "B", 1);
  expect(["a", "b"].map(remembered.get)).toEqual([undefined, "B"]);
});
