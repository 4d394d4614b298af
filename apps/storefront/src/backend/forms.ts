import { isTestCard } from "./payments.ts";
import type { Context } from "hono";
import type { Buyer } from "./orders.ts";

/** Every form of ours is far below this, in bytes. */
export const longestBody = 16_384;

/** The fields of a posted form, or of a JSON object with the same names; null = neither. Files and nested values are dropped. */
export async function readFields(context: Context): Promise<Readonly<Record<string, string>> | null> {
  const type = context.req.header("content-type")?.split(";")[0]?.trim().toLowerCase();
  const read = type === "application/json" ? context.req.json<unknown>() : type === "application/x-www-form-urlencoded" ? context.req.parseBody() : null;
  const body = await read?.catch(() => null);
  if (typeof body !== "object" || body === null) return null;
  return Object.fromEntries(Object.entries(body).filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

/** The fields of the payment form. */
export type PaymentField = keyof Buyer | "card";

/** A payment form that may go on, or what to put right, field by field. The card is never handed back. */
export type ReadPayment =
  | { readonly ok: true; readonly buyer: Buyer; readonly card: string }
  | { readonly ok: false; readonly values: Buyer; readonly problems: Partial<Record<PaymentField, string>> };

const missing: Readonly<Record<keyof Buyer, string>> = {
  name: "Enter the name for the parcel.",
  street: "Enter the street and number.",
  postcode: "Enter the postcode.",
  city: "Enter the town or city.",
};

/** Checks the payment form. */
export function readPayment(fields: Readonly<Record<string, string>>): ReadPayment {
  const text = (name: string): string => (fields[name] ?? "").replaceAll(/\s+/g, " ").trim();
  const buyer: Buyer = { name: text("name"), street: text("street"), postcode: text("postcode"), city: text("city") };
  const card = (fields["card"] ?? "").replaceAll(/[\s-]/g, "");
  const problems: Partial<Record<PaymentField, string>> = {};
  for (const [field, value] of Object.entries(buyer) as [keyof Buyer, string][]) {
    if (value === "") problems[field] = missing[field];
    else if (value.length > 120) problems[field] = "Keep this under 120 characters.";
  }
  if (!isTestCard(card)) problems.card = card === "" ? "Enter a test card number." : "This shop takes the two test cards only. Never enter a real one.";
  return Object.keys(problems).length === 0 ? { ok: true, buyer, card } : { ok: false, values: buyer, problems };
}
