import { z } from "zod";
import { idPatterns, moneyPattern } from "../ids.ts";

// PostgreSQL text cannot hold NUL, so the schema refuses it and no statement ever sees it (contract §4). Halves of characters become U+FFFD on
// their way there, all of them the same, so that two orders or two accounts would be one.
const isStorable = (value: string): boolean => value.isWellFormed() && !value.includes("\u0000");

/** A name that people read. */
export const nameText = z.string().trim().min(1).max(200).refine(isStorable, "must not contain NUL or half a character");

/** A free text that people read. */
export const messageText = z.string().max(500).refine(isStorable, "must not contain NUL or half a character");

/** An opaque string made elsewhere: order ids, nonces, codes. */
export const opaqueText = z.string().min(1).max(200).refine(isStorable, "must not contain NUL or half a character");

/** A token of ours; longer ones are not ours. */
export const tokenText = z.string().min(1).max(4096).refine(isStorable, "must not contain NUL or half a character");

/** An id that the caller may choose at creation. */
export const chosenId = z.string().regex(idPatterns.chosen, "must look like exp_my_launch: prefix, underscore, letters, digits or underscores");

/** An id that names something existing. What does not fit the form cannot exist, which the handler answers as 404. */
export const existingId = z.string().min(1).max(80).refine(isStorable, "must not contain NUL or half a character");

export const uuid = z.string().regex(idPatterns.uuid, "must be a lower-case UUID");

const yearTenThousand = Date.parse("9999-12-31T23:59:59.999Z") + 1;

/** An instant, ISO 8601 with its offset. Outside these years engines, drivers and JavaScript do not agree on how to write it. */
export const instant = z.iso
  .datetime({ offset: true })
  .refine((text) => Date.parse(text) >= 0 && Date.parse(text) < yearTenThousand, "must be within the years 1970 to 9999, in UTC");

/** A country, ISO 3166-1 alpha-2. */
export const countryCode = z.string().regex(/^[A-Z]{2}$/, "must be a country's two capital letters, such as DE");

/** Money as a decimal string. */
export const money = z.string().regex(moneyPattern, 'must be a decimal string such as "139.99"');

export const mechanism = z.enum(["queue", "draw", "auction", "appointment", "timed_release"]);
