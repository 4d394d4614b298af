import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { writeVectors } from "./testing/vectors.ts";
import { verifyTranscript } from "./verify.ts";

const page = readFileSync(new URL("../../../docs/draw-proof.md", import.meta.url), "utf8");

test("the vectors on the page are what this code computes", () => {
  expect(page.slice(page.indexOf("<!-- vectors -->") + "<!-- vectors -->".length).trim()).toBe(writeVectors().trim());
});

test("the draw on the page holds", () => {
  const [, transcript = ""] = /```json\n([\s\S]+?)```/.exec(page) ?? [];
  expect(verifyTranscript(JSON.parse(transcript)).checks.filter(({ holds }) => holds !== true)).toEqual([]);
});
