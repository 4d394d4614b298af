import { expect, test } from "vitest";
import { createTraces } from "./traces.ts";

test("where no SDK was registered there are no traces, and nothing to call for each request", () => {
  expect(createTraces()).toBeNull();
});
