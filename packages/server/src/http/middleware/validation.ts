import type { ValidationIssue } from "@fanfare-io/fanfare-contract";
import type { z } from "zod";
import { ServiceError } from "../service-error.ts";

const maxIssues = 20;

/** Parses by a schema of the contract. Raises `validation_error` with each field, what is wrong, and what was expected. */
export function validate(schema: z.ZodType, value: unknown, at: readonly (string | number)[] = []): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new ServiceError("validation_error", { issues: result.error.issues.slice(0, maxIssues).map((issue) => toIssue(issue, at)) });
}

function toIssue(issue: z.core.$ZodIssue, at: readonly (string | number)[]): ValidationIssue {
  const path = issue.path.map((part) => (typeof part === "number" ? part : String(part)));
  return { path: [...at, ...path], message: issue.message, expected: expectedBy(issue) };
}

function expectedBy(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return issue.expected;
    case "too_small":
      return `at least ${issue.minimum}`;
    case "too_big":
      return `at most ${issue.maximum}`;
    case "invalid_format":
      return issue.pattern === undefined ? issue.format : `text that fits ${issue.pattern}`;
    case "invalid_value":
      return issue.values.map(String).join(" | ");
    case "unrecognized_keys":
      return "no other fields";
    case "not_multiple_of":
      return `a multiple of ${issue.divisor}`;
    case "invalid_union":
      return "one of the documented forms";
    case "invalid_key":
    case "invalid_element":
    case "custom":
      return issue.message;
  }
}
