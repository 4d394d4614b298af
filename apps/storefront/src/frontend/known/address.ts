import type { OtpAnswer } from "@fanfare-io/fanfare-sdk-react";
import type { Way } from "./problems.ts";

/** Where a code goes, as it was typed. */
export interface Address {
  readonly way: Way;
  readonly value: string;
}

/** What was typed, as the service takes it: a number without its country's code belongs to the reader's country. */
export function otpRequestOf({ way, value }: Address, country: string | undefined): { email: string } | { phone: string; defaultCountry?: string } {
  if (way === "email") return { email: value };
  return { phone: value, ...(country !== undefined && { defaultCountry: country }) };
}

/** The answer to a code for this address: a number is told as it was when the code was asked for. */
export function otpAnswerOf(to: Address, country: string | undefined, code: string): OtpAnswer {
  return { ...otpRequestOf(to, country), code };
}

/** Two letters; undefined where the reader's language names no country and none is likely. */
export function countryOf(language: string): string | undefined {
  try {
    return new Intl.Locale(language).maximize().region;
  } catch {
    // A browser may report a language that is none.
    return undefined;
  }
}

/** The digits of what was typed, pasted or filled in: messages group them, and phones add spaces. */
export const digitsOf = (text: string): string => text.normalize("NFKC").replaceAll(/\D/g, "");
