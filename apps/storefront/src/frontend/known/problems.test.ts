import { expect, test } from "vitest";
import { problemOf } from "./problems.ts";

const raised = (code: string, more: object = {}): object => Object.assign(new Error("Told by the service."), { code, ...more });
const textOf = (error: unknown, way: "email" | "phone" = "email"): string => {
  const problem = problemOf(error, way);
  return problem.kind === "field" ? problem.text : problem.kind;
};

test("a code that does not fit says how many tries are left, where that is known", () => {
  expect(textOf(raised("INVALID_OTP", { details: { attemptsRemaining: 3 } }))).toContain("3 more tries");
  expect(textOf(raised("INVALID_OTP", { details: { attemptsRemaining: 1 } }))).toContain("one more try");
  expect(textOf(raised("INVALID_OTP", { details: { attemptsRemaining: 0 } }))).toContain("Ask for a new one");
  expect(textOf(raised("INVALID_OTP"))).toContain("does not fit");
});

test("an address that is another's is explained in place of the form, and what looks like none says how one looks", () => {
  expect(problemOf(raised("IDENTITY_CONFLICT"), "email")).toEqual({ kind: "conflict" });
  expect(textOf(raised("VALIDATION_ERROR"))).toContain("ines@example.com");
  expect(textOf(raised("VALIDATION_ERROR"), "phone")).toContain("+41");
});

test("what has to wait says how long, and whatever happens nothing is lost", () => {
  expect(textOf(raised("RATE_LIMITED", { retryAfterSeconds: 120 }))).toContain("2 minutes");
  for (const code of ["RATE_LIMITED", "PHONE_LIMIT_REACHED", "OTP_NOT_CONFIGURED", "NETWORK_ERROR", "TIMEOUT", "INTERNAL_ERROR"])
    expect(textOf(raised(code))).toMatch(/nothing of yours is lost/i);
  expect(textOf(new Error("anything"))).toContain("did not work");
});
