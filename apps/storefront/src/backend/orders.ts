import type { PieceId } from "../product.ts";
import type { DatabaseSync, SQLOutputValue } from "node:sqlite";

/** Who buys, and where it goes. */
export interface Buyer {
  readonly name: string;
  readonly street: string;
  readonly postcode: string;
  readonly city: string;
}

/** Where an order stands; the drawing is in `database.ts`. */
export type OrderState = "held" | "paying" | "paid" | "completed" | "refunded" | "released" | "lapsed";

/** One order. Instants are milliseconds since 1970, money is a decimal string. */
export interface Order {
  readonly orderId: string;
  readonly redemptionId: string;
  readonly state: OrderState;
  readonly heldUntil: number;
  readonly amount: string;
  readonly piece: PieceId;
  readonly buyer: Buyer | null;
  readonly receiptId: string | null;
}

/** What a new checkout brings. */
export interface NewOrder {
  readonly orderId: string;
  readonly sessionHash: string;
  readonly redemptionId: string;
  readonly consumerId: string;
  readonly heldUntil: number;
  readonly amount: string;
  readonly piece: PieceId;
}

/** The shop's book: stock and orders. Each change is one conditional statement; whether it changed a row is the answer. */
export interface Orders {
  /** Takes a piece off the shelf for this hold; an order that the hold has already is handed to the new session. Null = sold out. */
  open(order: NewOrder, now: number): Order | null;
  findBySession(sessionHash: string): Order | null;
  inState(state: "paying" | "paid"): readonly Order[];
  /** True for exactly one of any number of parallel calls, and only while the hold lasts. */
  beginPayment(orderId: string, buyer: Buyer, now: number): boolean;
  markPaid(orderId: string): boolean;
  markCompleted(orderId: string, receiptId: string): boolean;
  markReleased(orderId: string): boolean;
  markRefunded(orderId: string): boolean;
  /** Pieces that nobody has bought or holds. */
  left(piece: PieceId, now: number): number;
}

// A hold that ran out gives its piece back by itself; a payment under way keeps it, however long it takes.
const taken = "(state in ('paying', 'paid', 'completed') or (state = 'held' and held_until > :now))";

/** How many of each piece there are in all; a piece that is not named is counted by whoever gives it out. */
export type Stock = Readonly<Partial<Record<PieceId, number>>>;

const anyNumber = Number.MAX_SAFE_INTEGER;

/** Opens the book over a stock. */
export function createOrders(database: DatabaseSync, stock: Stock): Orders {
  const lapse = database.prepare("update orders set state = 'lapsed' where state = 'held' and held_until <= :now");
  const adopt = database.prepare(
    "update orders set session_hash = :sessionHash where redemption_id = :redemptionId and state in ('held', 'paying', 'paid', 'completed') returning *",
  );
  const insert = database.prepare(
    `insert into orders (order_id, session_hash, redemption_id, consumer_id, state, held_until, amount, piece, created_at)
     select :orderId, :sessionHash, :redemptionId, :consumerId, 'held', :heldUntil, :amount, :piece, :now
     where (select count(*) from orders where piece = :piece and ${taken}) < :stock returning *`,
  );
  const bySession = database.prepare("select * from orders where session_hash = ?");
  const byState = database.prepare("select * from orders where state = ? order by created_at");
  const pay = database.prepare("update orders set state = 'paying', buyer = :buyer where order_id = :orderId and state = 'held' and held_until > :now");
  const paid = database.prepare("update orders set state = 'paid' where order_id = ? and state = 'paying'");
  const completed = database.prepare("update orders set state = 'completed', receipt_id = :receiptId where order_id = :orderId and state = 'paid'");
  const released = database.prepare("update orders set state = 'released' where order_id = ? and state in ('held', 'paying')");
  const refunded = database.prepare("update orders set state = 'refunded' where order_id = ? and state = 'paid'");
  const count = database.prepare(`select count(*) as taken from orders where piece = :piece and ${taken}`);
  const stockOf = (piece: PieceId): number => stock[piece] ?? anyNumber;

  return Object.freeze<Orders>({
    open({ orderId, sessionHash, redemptionId, consumerId, heldUntil, amount, piece }, now) {
      lapse.run({ now });
      const held = { orderId, sessionHash, redemptionId, consumerId, heldUntil, amount, piece };
      const row = adopt.get({ sessionHash, redemptionId }) ?? insert.get({ ...held, now, stock: stockOf(piece) });
      return readOrder(row);
    },
    findBySession: (sessionHash) => readOrder(bySession.get(sessionHash)),
    inState: (state) => byState.all(state).flatMap((row) => readOrder(row) ?? []),
    beginPayment: (orderId, buyer, now) => pay.run({ orderId, buyer: JSON.stringify(buyer), now }).changes === 1,
    markPaid: (orderId) => paid.run(orderId).changes === 1,
    markCompleted: (orderId, receiptId) => completed.run({ orderId, receiptId }).changes === 1,
    markReleased: (orderId) => released.run(orderId).changes === 1,
    markRefunded: (orderId) => refunded.run(orderId).changes === 1,
    left: (piece, now) => Math.max(0, stockOf(piece) - Number(count.get({ piece, now })?.["taken"] ?? 0)),
  });
}

function readOrder(row: Record<string, SQLOutputValue> | undefined): Order | null {
  if (row === undefined) return null;
  const buyer = row["buyer"];
  const receiptId = row["receipt_id"];
  return {
    orderId: String(row["order_id"]),
    redemptionId: String(row["redemption_id"]),
    state: row["state"] as OrderState,
    heldUntil: Number(row["held_until"]),
    amount: String(row["amount"]),
    piece: row["piece"] as PieceId,
    buyer: typeof buyer === "string" ? (JSON.parse(buyer) as Buyer) : null,
    receiptId: typeof receiptId === "string" ? receiptId : null,
  };
}
