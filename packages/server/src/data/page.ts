import type { Page } from "@fanfare-io/fanfare-contract";
import { sql } from "kysely";
import type { RawBuilder } from "kysely";

/** Which page of a list is asked for, newest first: `first` after a cursor, or `last` before one. */
export interface PageRequest {
  readonly first?: number;
  readonly after?: string;
  readonly last?: number;
  readonly before?: string;
}

/** How to read a page: what to add to the statement, and how to turn its rows round at the end. */
export interface PagePlan {
  readonly where: RawBuilder<boolean>;
  readonly direction: "asc" | "desc";
  readonly limit: number;
}

const pageSize = 20;

/** Plans a page, or null when a cursor is not one of ours. */
export function planPage(request: PageRequest): PagePlan | null {
  const backwards = request.before !== undefined || request.last !== undefined;
  const cursor = backwards ? request.before : request.after;
  const limit = (backwards ? request.last : request.first) ?? pageSize;
  const direction = backwards ? "asc" : "desc";
  if (cursor === undefined) return { where: sql<boolean>`true`, direction, limit };
  const place = readCursor(cursor);
  if (place === null) return null;
  const where = backwards
    ? sql<boolean>`(created_at, id) > (${place.createdAt}, ${place.id})`
    : sql<boolean>`(created_at, id) < (${place.createdAt}, ${place.id})`;
  return { where, direction, limit };
}

/** Makes the page of rows that were read by its plan. */
export function toPage<Row extends { readonly id: string; readonly createdAt: Date }, Item>(
  plan: PagePlan,
  rows: readonly Row[],
  show: (row: Row) => Item,
): Page<Item> {
  const newestFirst = plan.direction === "desc" ? rows : rows.toReversed();
  const [start, end] = [newestFirst[0], newestFirst.at(-1)];
  return { data: newestFirst.map(show), pageInfo: { startCursor: start ? cursorOf(start) : null, endCursor: end ? cursorOf(end) : null } };
}

function cursorOf(row: { readonly id: string; readonly createdAt: Date }): string {
  return Buffer.from(JSON.stringify([row.createdAt.toISOString(), row.id])).toString("base64url");
}

function readCursor(cursor: string): { readonly createdAt: Date; readonly id: string } | null {
  try {
    const [createdAt, id] = JSON.parse(Buffer.from(cursor, "base64url").toString()) as unknown[];
    if (typeof createdAt !== "string" || typeof id !== "string" || id.includes("\u0000")) return null;
    const at = new Date(createdAt);
    // Only the very text that we write: dates that no database can hold are not of ours. `toISOString` throws on what is no date.
    return at.toISOString() === createdAt && /^[1-9]\d{3}-/.test(createdAt) ? { createdAt: at, id } : null;
  } catch {
    return null;
  }
}
