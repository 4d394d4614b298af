import { createHash } from "node:crypto";
import { isFanfareError } from "@fanfare-io/fanfare-sdk-server";
import { pieces } from "../product.ts";
import { refusalOf } from "./refusals.ts";
import type { Grants } from "@fanfare-io/fanfare-sdk-server";
import type { PieceId } from "../product.ts";
import type { Buyer, Order, Orders } from "./orders.ts";
import type { Payments } from "./payments.ts";
import type { ShopPlatform } from "./platform.ts";
import type { RefusalKind } from "./refusals.ts";

/** What came of presenting a grant. `session` is the new secret for the shopper's cookie. */
export type Opened = { readonly outcome: "opened"; readonly session: string } | Refused;

/** What came of paying. After `declined` the shopper's turn goes on until `turnUntil`, where the line could say. */
export type Paid = { readonly outcome: "bought" | "confirming" } | { readonly outcome: "declined"; readonly turnUntil: number | null } | Refused;

/** A plain no. */
export interface Refused {
  readonly outcome: "refused";
  readonly refusal: RefusalKind;
}

/** From a grant to an order: the only place that moves one. */
export interface Checkout {
  /** Checks a grant token with the line and takes a piece off the shelf for it. */
  open(token: string): Promise<Opened>;
  /** The order of a shopper's cookie. */
  find(session: string | undefined): Order | null;
  /** Charges, then completes the grant; gives the hold back when the card is declined. Safe to call twice. */
  pay(session: string, buyer: Buyer, card: string): Promise<Paid>;
  /** Completes what was paid but not completed. */
  settle(): Promise<void>;
  /** After a crash: finds out what became of payments that were under way, then settles. Before the first shopper, only. */
  recover(): Promise<void>;
}

/** What a checkout works with. */
export interface CheckoutParts {
  readonly grants: Grants;
  readonly orders: Orders;
  readonly payments: Payments;
  readonly platform: ShopPlatform;
  /** Which piece each experience gives out. */
  readonly sold: Readonly<Record<string, PieceId>>;
}

/** Wires the checkout. */
export function createCheckout(parts: CheckoutParts): Checkout {
  const { orders, payments, platform } = parts;
  const find = (session: string | undefined): Order | null => (session === undefined ? null : orders.findBySession(hashSession(session)));
  return Object.freeze<Checkout>({
    open: (token) => openCheckout(parts, token),
    find,
    async pay(session, buyer, card) {
      const order = find(session);
      if (order === null) return refused("no_checkout");
      if (!orders.beginPayment(order.orderId, buyer, platform.now())) return standingOf(find(session) ?? order);
      const outcome = await payments.charge({ orderId: order.orderId, amount: order.amount, card });
      if (outcome === "declined") return giveBack(parts, order);
      orders.markPaid(order.orderId);
      return completeSale(parts, order);
    },
    settle: () => settle(parts),
    async recover() {
      for (const order of orders.inState("paying")) {
        if ((await payments.find(order.orderId)) === "paid") orders.markPaid(order.orderId);
        else await giveBack(parts, order);
      }
      await settle(parts);
    },
  });
}

async function openCheckout({ grants, orders, platform, sold }: CheckoutParts, token: string): Promise<Opened> {
  try {
    // Spares the line a call for what is plainly not ours, and tells the shopper more exactly what is wrong with it.
    const preview = await grants.verify(token);
    const piece = Object.hasOwn(sold, preview.experienceId) ? sold[preview.experienceId] : undefined;
    if (piece === undefined) return refused("other_shop");
    const hold = await grants.validate(token);
    const session = Buffer.from(platform.randomBytes(32)).toString("base64url");
    const order = orders.open(
      {
        orderId: makeOrderId(platform.randomBytes(8)),
        sessionHash: hashSession(session),
        redemptionId: hold.redemptionId,
        consumerId: hold.consumerId,
        heldUntil: Date.parse(hold.heldUntil),
        amount: pieces[piece].price,
        piece,
      },
      platform.now(),
    );
    if (order !== null) return { outcome: "opened", session };
    await grants.release({ redemptionId: hold.redemptionId });
    return refused("sold_out");
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === "our_fault") throw error;
    return refused(refusal);
  }
}

async function completeSale({ grants, orders, payments }: CheckoutParts, order: Order): Promise<Paid> {
  try {
    const receipt = await grants.complete({ redemptionId: order.redemptionId, orderId: order.orderId, orderAmount: order.amount });
    orders.markCompleted(order.orderId, receipt.receiptId);
    return { outcome: "bought" };
  } catch (error) {
    if (!isFanfareError(error)) throw error;
    // Only a plain "no" about this grant undoes a sale; an unreachable or misconfigured line may still say yes.
    if (error.status !== 409) return { outcome: "confirming" };
    await payments.refund(order.orderId);
    orders.markRefunded(order.orderId);
    return refused("payment_returned");
  }
}

async function giveBack({ grants, orders }: CheckoutParts, order: Order): Promise<Paid> {
  const turnUntil = await grants.release({ redemptionId: order.redemptionId }).then(
    (released) => Date.parse(released.expiresAt),
    // The hold ends by itself; until then a fresh pass of the same grant finds it again.
    () => null,
  );
  orders.markReleased(order.orderId);
  return { outcome: "declined", turnUntil };
}

async function settle(parts: CheckoutParts): Promise<void> {
  for (const order of parts.orders.inState("paid")) await completeSale(parts, order);
}

function standingOf(order: Order): Paid {
  switch (order.state) {
    case "completed":
      return { outcome: "bought" };
    case "paid":
      return { outcome: "confirming" };
    case "paying":
      return refused("payment_running");
    case "refunded":
      return refused("payment_returned");
    case "held":
    case "released":
    case "lapsed":
      return refused("checkout_over");
  }
}

function refused(refusal: RefusalKind): Refused {
  return { outcome: "refused", refusal };
}

// The book keeps a hash: whoever reads the file cannot walk into someone's checkout.
function hashSession(session: string): string {
  return createHash("sha256").update(session).digest("base64url");
}

// Without letters and digits that people mix up when they read a number out on the phone.
const alphabet = "23456789CDFGHJKMNPQRTVWX";

function makeOrderId(random: Uint8Array): string {
  const letters = Array.from(random, (byte) => alphabet[byte % alphabet.length]).join("");
  return `KR-${letters.slice(0, 4)}-${letters.slice(4, 8)}`;
}
