import type { Database } from "./database.ts";

/** A message that was kept instead of sent. */
export interface KeptMessage {
  readonly organizationId: string;
  readonly id: string;
  readonly receivedAt: number;
  readonly sealed: Uint8Array;
}

/** Keeps a message; keeping it again changes nothing. */
export async function keepMessage(db: Database, message: KeptMessage): Promise<void> {
  await db.run("insert into inbox_message (organization_id, id, received_at, sealed) values ($1, $2, $3, $4) on conflict (organization_id, id) do nothing", [
    message.organizationId,
    message.id,
    new Date(message.receivedAt),
    message.sealed,
  ]);
}

/** The newest messages of an organization. */
export async function readKeptMessages(db: Database, organizationId: string, limit: number): Promise<readonly KeptMessage[]> {
  return read(db, "where organization_id = $2 order by received_at desc, id desc limit $1", [limit, organizationId]);
}

/** The newest messages of all organizations: for the page that a developer opens on their own machine, and for nobody else. */
export async function readAllKeptMessages(db: Database, limit: number): Promise<readonly KeptMessage[]> {
  return read(db, "order by received_at desc, id desc limit $1", [limit]);
}

async function read(db: Database, which: string, parameters: readonly unknown[]): Promise<readonly KeptMessage[]> {
  const rows = await db.run<{ organization_id: string; id: string; received_at: Date; sealed: Uint8Array }>(
    `select organization_id, id, received_at, sealed from inbox_message ${which}`,
    parameters,
  );
  return rows.map((row) => ({ organizationId: row.organization_id, id: row.id, receivedAt: row.received_at.getTime(), sealed: row.sealed }));
}
