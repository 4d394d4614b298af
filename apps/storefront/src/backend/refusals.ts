import { isFanfareError } from "@fanfare-io/fanfare-sdk-server";
import type { FanfareErrorCode } from "@fanfare-io/fanfare-sdk-server";

/** Every way in which the shop says no. */
export type RefusalKind =
  | "no_pass"
  | "pass_unreadable"
  | "pass_expired"
  | "pass_used"
  | "pass_replaced"
  | "other_shop"
  | "turn_over"
  | "turn_spent"
  | "sold_out"
  | "no_checkout"
  | "checkout_over"
  | "payment_running"
  | "payment_returned"
  | "line_unreachable"
  | "shop_misconfigured"
  | "foreign_page"
  | "too_large"
  | "not_a_form"
  | "not_found"
  | "our_fault";

/** A refusal as a page: its HTTP status, what happened, and what may be done now. */
export interface Refusal {
  readonly status: 400 | 403 | 404 | 409 | 410 | 413 | 415 | 500 | 503;
  readonly title: string;
  readonly text: string;
  /** The words on the way back to the shop's front page. */
  readonly wayOn: string;
}

const backToTurn = "Back to your turn";
const toTheLine = "Go to the line";

/** The refusals, in words. No page says more than its reader needs to go on. */
export const refusals: Readonly<Record<RefusalKind, Refusal>> = {
  no_pass: {
    status: 403,
    title: "Checkout opens with your turn",
    text: "It starts from the line. Join it, and come through when it is your turn.",
    wayOn: toTheLine,
  },
  pass_unreadable: {
    status: 403,
    title: "We cannot accept this pass",
    text: "It was not made by our line, or it was changed on the way. Nothing was held and nothing was charged.",
    wayOn: toTheLine,
  },
  pass_expired: {
    status: 410,
    title: "This pass is too old",
    text: "A pass lives two minutes. If your turn still lasts, your page has a fresh one.",
    wayOn: backToTurn,
  },
  pass_used: {
    status: 409,
    title: "This pass was used already",
    text: "A pass works once. If your turn still lasts, your page has a fresh one.",
    wayOn: backToTurn,
  },
  pass_replaced: {
    status: 409,
    title: "There is a newer pass",
    text: "Your page made a newer one, perhaps in another tab. Continue from there.",
    wayOn: backToTurn,
  },
  other_shop: { status: 403, title: "This pass is for another shop", text: "Our line did not give it out, so we cannot take it here.", wayOn: toTheLine },
  turn_over: {
    status: 410,
    title: "Your turn has ended",
    text: "Its time ran out and the place went to the next in line. You may join again.",
    wayOn: toTheLine,
  },
  turn_spent: {
    status: 409,
    title: "This turn has been used",
    text: "One turn buys one piece, and this one has. You were not charged again.",
    wayOn: "Back to the shop",
  },
  sold_out: {
    status: 410,
    title: "The last piece is taken",
    text: "It went a moment before you reached the counter. You were not charged.",
    wayOn: "Back to the shop",
  },
  no_checkout: { status: 403, title: "There is no checkout open", text: "Checkout starts from your turn in the line, in this browser.", wayOn: toTheLine },
  checkout_over: { status: 410, title: "This checkout has ended", text: "Its time ran out before payment. You were not charged.", wayOn: "Back to the shop" },
  payment_running: {
    status: 409,
    title: "Your payment is under way",
    text: "We have it and will not charge you twice. Look again in a moment.",
    wayOn: "Back to the shop",
  },
  payment_returned: {
    status: 409,
    title: "We gave your money back",
    text: "Your turn had ended when the payment arrived, so we could not sell to you. The full amount is on its way back.",
    wayOn: "Back to the shop",
  },
  line_unreachable: {
    status: 503,
    title: "We cannot reach the line",
    text: "Your turn is safe and nothing was charged. Go back and try once more in a moment.",
    wayOn: backToTurn,
  },
  shop_misconfigured: {
    status: 503,
    title: "The shop cannot sell right now",
    text: "This is our mistake, not yours. Your turn is safe and nothing was charged.",
    wayOn: backToTurn,
  },
  foreign_page: {
    status: 403,
    title: "This did not come from our page",
    text: "For your safety we take orders only from our own pages. Open the shop and continue there.",
    wayOn: "Open the shop",
  },
  too_large: { status: 413, title: "That was too much to read", text: "What was sent is larger than any form of ours.", wayOn: "Back to the shop" },
  not_a_form: { status: 415, title: "We could not read that", text: "Orders arrive as a form from our own page.", wayOn: "Back to the shop" },
  not_found: { status: 404, title: "There is nothing here", text: "The address may have a slip in it.", wayOn: "Go to the shop" },
  our_fault: {
    status: 500,
    title: "Something broke on our side",
    text: "It was not you. What you paid for is safe; please try again.",
    wayOn: "Back to the shop",
  },
};

const byCode: Partial<Record<FanfareErrorCode, RefusalKind>> = {
  GRANT_TOKEN_USED: "pass_used",
  GRANT_TOKEN_REPLACED: "pass_replaced",
  GRANT_EXPIRED: "turn_over",
  GRANT_NOT_ACTIVE: "turn_over",
  GRANT_NOT_HELD: "turn_over",
  GRANT_COMPLETED: "turn_spent",
  GRANT_NONCE_MISMATCH: "pass_unreadable",
  INVALID_SECRET_KEY: "shop_misconfigured",
  MISSING_SECRET_KEY: "shop_misconfigured",
};

/** Which refusal a failed call to the line amounts to. */
export function refusalOf(error: unknown): RefusalKind {
  if (!isFanfareError(error)) return "our_fault";
  if (error.code !== "INVALID_GRANT_TOKEN") return byCode[error.code] ?? "line_unreachable";
  const reason = error.details?.["reason"];
  // The line does not say which flaw it found; but the signature was checked before it was asked, so what is left is age: our clock may be seconds behind its.
  if (reason === "expired" || reason === undefined) return "pass_expired";
  return reason === "wrong_organization" ? "other_shop" : "pass_unreadable";
}
