import type { DatabaseSync } from "node:sqlite";

/** What the card processor knows of one order. */
export type PaymentOutcome = "paid" | "declined" | "refunded";

/** A card processor, as far as this shop needs one. Idempotent by order, so that a crash never charges twice. */
export interface Payments {
  /** Charges the card once for this order; asked again, it answers as the first time. */
  charge(payment: { readonly orderId: string; readonly amount: string; readonly card: string }): Promise<PaymentOutcome>;
  /** What became of an order's payment; null = it never arrived. */
  find(orderId: string): Promise<PaymentOutcome | null>;
  /** Gives the money back; harmless when repeated. */
  refund(orderId: string): Promise<void>;
}

/** The cards that the test processor knows, digits only. */
export const testCards = { accepted: "4242424242424242", declined: "4000000000000002" } as const;

/** True for a card that `charge` can take; no real card ever is. */
export function isTestCard(card: string): boolean {
  return card === testCards.accepted || card === testCards.declined;
}

/** A processor that moves no money: it keeps its own ledger, and never the card. */
export function createTestPayments(database: DatabaseSync, now: () => number): Payments {
  const insert = database.prepare("insert into payments (order_id, outcome, amount, made_at) values (?, ?, ?, ?) on conflict do nothing");
  const select = database.prepare("select outcome from payments where order_id = ?");
  const giveBack = database.prepare("update payments set outcome = 'refunded' where order_id = ? and outcome = 'paid'");
  const find = async (orderId: string): Promise<PaymentOutcome | null> => (select.get(orderId)?.["outcome"] as PaymentOutcome | undefined) ?? null;
  return Object.freeze<Payments>({
    async charge({ orderId, amount, card }) {
      insert.run(orderId, card === testCards.accepted ? "paid" : "declined", amount, now());
      return (await find(orderId)) ?? "declined";
    },
    find,
    refund: async (orderId) => void giveBack.run(orderId),
  });
}
