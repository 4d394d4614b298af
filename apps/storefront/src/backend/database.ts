import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/**
 * An order is made before payment, so that its id survives a crash in the middle of one.
 *
 *   held ──> paying ──> paid ──> completed
 *    │         │          └────> refunded    the line refused the sale: the money went back
 *    │         └───────────────> released    payment failed: the hold went back to the line
 *    └─────────────────────────> lapsed      nobody paid in time
 */
const schema = `
  create table if not exists orders (
    order_id      text primary key,
    session_hash  text not null unique,
    redemption_id text not null,
    consumer_id   text not null,
    state         text not null check (state in ('held', 'paying', 'paid', 'completed', 'refunded', 'released', 'lapsed')),
    held_until    integer not null,
    amount        text not null,
    piece         text not null default 'low-tide',
    buyer         text,
    receipt_id    text,
    created_at    integer not null
  ) strict;
  create unique index if not exists one_live_order_a_hold on orders (redemption_id) where state in ('held', 'paying', 'paid', 'completed');
  create index if not exists orders_by_state on orders (state);
  create table if not exists payments (
    order_id   text primary key,
    outcome    text not null check (outcome in ('paid', 'declined', 'refunded')),
    amount     text not null,
    made_at    integer not null
  ) strict;
`;

/** Opens the shop's book under its data directory, and makes it when it is new. */
export function openDatabase(dataDir: string): DatabaseSync {
  mkdirSync(dataDir, { recursive: true });
  const database = new DatabaseSync(join(dataDir, "shop.sqlite"));
  // A sale that was acknowledged is on disk: `full` also syncs the write-ahead log.
  database.exec("pragma journal_mode = wal; pragma synchronous = full; pragma busy_timeout = 5000;");
  database.exec(schema);
  // A book from before there was a second piece.
  const columns = database.prepare("select name from pragma_table_info('orders')").all();
  if (!columns.some(({ name }) => name === "piece")) database.exec("alter table orders add column piece text not null default 'low-tide'");
  return database;
}
