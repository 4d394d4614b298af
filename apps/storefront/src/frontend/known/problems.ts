import type { FanfareErrorShape } from "@fanfare-io/fanfare-sdk-react";
import { spoken } from "../times.ts";
import { knownWords } from "./known-words.ts";

/** Where a code goes. */
export type Way = "email" | "phone";

/** What went wrong, as the sheet shows it: beside a field, or, for an address that is another's, in place of the form. */
export type Problem = { readonly kind: "field"; readonly text: string } | { readonly kind: "conflict" };

/** Reads an error of asking or of typing. */
export function problemOf(error: unknown, way: Way): Problem {
  const raised = (error ?? {}) as Partial<FanfareErrorShape>;
  return raised.code === "IDENTITY_CONFLICT" ? { kind: "conflict" } : { kind: "field", text: textOf(raised, way) };
}

function textOf({ code, details, retryAfterSeconds }: Partial<FanfareErrorShape>, way: Way): string {
  switch (code) {
    case "INVALID_OTP": {
      const left = details?.["attemptsRemaining"];
      return knownWords.invalid(typeof left === "number" ? left : null);
    }
    case "VALIDATION_ERROR":
      return way === "email" ? knownWords.wrongEmail : knownWords.wrongPhone;
    case "PHONE_COUNTRY_NOT_ALLOWED":
      return knownWords.noCountry;
    case "PHONE_LIMIT_REACHED":
      return knownWords.noTexts;
    case "RATE_LIMITED":
      return knownWords.limited(retryAfterSeconds === undefined ? null : spoken(retryAfterSeconds * 1_000));
    case "OTP_NOT_CONFIGURED":
      return knownWords.notConfigured;
    case "NETWORK_ERROR":
    case "TIMEOUT":
      return knownWords.unreachable;
    default:
      return knownWords.failed;
  }
}
