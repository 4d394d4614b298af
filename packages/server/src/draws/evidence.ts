import { entryBytes, hashLeaves, pathOf, readEntry, refOf, rootOf, toHex, writePath } from "@fanfare-io/fanfare-draw-proof";
import type { InclusionProof, Receipt, SignedStatement } from "@fanfare-io/fanfare-draw-proof";
import type { Database } from "../data/database.ts";
import { findBatch, readEntries } from "../data/draw-entries.ts";
import { readBlockRoots } from "../data/draw-results.ts";
import { keyOf, readStatements } from "../data/draws.ts";
import { inForceAt, writeReceiptBatch } from "../domain/draw-statements.ts";
import type { DrawFacts } from "../domain/draw.ts";
import { entriesPerBlock } from "./workbench-messages.ts";

/**
 * Writes the receipt of an entry: nothing of it is stored but who came in the same moment, and asked for again it is the same. Null where
 * that is not known any more.
 */
export async function writeReceipt(
  deps: { readonly db: Database; readonly signStatement: (text: string) => SignedStatement },
  draw: DrawFacts,
  holder: { readonly ticket: number; readonly consumerId: string; readonly salt: Uint8Array },
): Promise<Receipt | null> {
  const key = keyOf(draw);
  const { ticket, salt } = holder;
  const [batch, statements] = await Promise.all([findBatch(deps.db, key, ticket), readStatements(deps.db, key)]);
  if (batch === null) return null;
  const { firstTicket, receivedAt, size: count } = batch;
  const entries = await readEntries(deps.db, key, firstTicket, count, true);
  const hashes = hashLeaves(entries, entryBytes);
  const index = ticket - firstTicket;
  const entry = entryAt(entries, index);
  // The salt is made again each time: that it still opens the entry is what makes this a receipt.
  if (toHex(readEntry(entry)?.ref ?? new Uint8Array()) !== toHex(refOf(holder))) throw new Error("A reference that does not open.");
  const commitments = statements.filter(({ kind }) => kind === "commitment");
  const commitment = inForceAt(commitments, receivedAt).text;
  const text = writeReceiptBatch({ drawId: draw.id, commitment, receivedAt, firstTicket, count, root: toHex(rootOf(hashes)) });
  return { drawId: draw.id, entry: toHex(entry), ticket, salt: toHex(salt), batch: deps.signStatement(text), path: writePath(pathOf(hashes, index)) };
}

/** Writes the proof of an entry under the root of a closed list, from one block of it. */
export async function writeProof(db: Database, draw: DrawFacts, ticket: number): Promise<InclusionProof> {
  const block = Math.floor((ticket - 1) / entriesPerBlock);
  const first = block * entriesPerBlock + 1;
  const count = Math.min(entriesPerBlock, draw.tickets - first + 1);
  const [entries, blockRoots] = await Promise.all([readEntries(db, keyOf(draw), first, count), readBlockRoots(db, keyOf(draw))]);
  const path = [...pathOf(hashLeaves(entries, entryBytes), ticket - first), ...pathOf(blockRoots, block)];
  return { drawId: draw.id, entry: toHex(entryAt(entries, ticket - first)), ticket, entries: draw.tickets, path: writePath(path) };
}

function entryAt(entries: Uint8Array, index: number): Uint8Array {
  return entries.subarray(index * entryBytes, (index + 1) * entryBytes);
}
