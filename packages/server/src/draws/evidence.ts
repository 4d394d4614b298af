import { entryBytes, hashLeaves, levelsOf, pathOf, pathThrough, readEntry, refOf, toHex, writePath } from "@fanfare-io/fanfare-draw-proof";
import type { InclusionProof, Receipt, SignedStatement } from "@fanfare-io/fanfare-draw-proof";
import type { Database } from "../data/database.ts";
import { findBatch, readEntries } from "../data/draw-entries.ts";
import { readBlockRoots } from "../data/draw-results.ts";
import { readStatements } from "../data/draw-statements.ts";
import type { DrawStatementRow } from "../data/draw-statements.ts";
import { keyOf } from "../data/draws.ts";
import { inForceAt, writeReceiptBatch } from "../domain/draw-statements.ts";
import type { DrawFacts } from "../domain/draw.ts";
import { entriesPerBlock } from "./workbench-messages.ts";

/** Who came in the same moment. */
export interface Batch {
  readonly firstTicket: number;
  readonly size: number;
  readonly receivedAt: number;
}

/** Whose receipt is wanted. */
export interface Holder {
  readonly ticket: number;
  readonly consumerId: string;
  readonly salt: Uint8Array;
}

/** Writes receipts. Nothing of them is stored but who came in the same moment; asked for again, a receipt is the same. */
export interface Receipts {
  /** Of a batch that came in just now, its entries as they were entered. */
  fresh(draw: DrawFacts, batch: Batch, entries: Uint8Array, holders: readonly Holder[]): Promise<readonly Receipt[]>;
  /** Of an entry that has been there; null where its batch is not known any more. */
  again(draw: DrawFacts, holder: Holder): Promise<Receipt | null>;
}

interface Sealed {
  readonly statement: SignedStatement;
  readonly entries: Uint8Array;
  readonly levels: readonly Uint8Array[];
}

const rememberedBatches = 200;
const rememberedDraws = 1_000;

/** Makes the writer of receipts: one signature and one tree serve everybody of a batch. */
export function createReceipts(deps: { readonly db: Database; readonly signStatement: (text: string) => SignedStatement }): Receipts {
  const remembered = new Map<string, Promise<Sealed>>();
  const committed = new Map<string, { readonly count: number; readonly made: Promise<readonly DrawStatementRow[]> }>();

  /** Those that the draw had made; they never change, so that a batch of entries costs no question about them. */
  function commitmentsOf(draw: DrawFacts): Promise<readonly DrawStatementRow[]> {
    const name = `${draw.organizationId}\n${draw.id}`;
    const last = committed.get(name);
    if (last !== undefined && last.count >= draw.commitments) return last.made.then((made) => made.slice(0, draw.commitments));
    const made = readStatements(deps.db, keyOf(draw)).then((all) => all.filter(({ kind, number }) => kind === "commitment" && number <= draw.commitments));
    if (committed.size >= rememberedDraws) committed.clear();
    committed.set(name, { count: draw.commitments, made });
    made.catch(() => committed.delete(name));
    return made;
  }

  async function seal(draw: DrawFacts, { firstTicket, size: count, receivedAt }: Batch, known: Uint8Array | null): Promise<Sealed> {
    const key = keyOf(draw);
    const [entries, commitments] = await Promise.all([known ?? readEntries(deps.db, key, firstTicket, count, true), commitmentsOf(draw)]);
    const levels = levelsOf(hashLeaves(entries, entryBytes));
    const commitment = inForceAt(commitments, receivedAt).text;
    const root = toHex(levels.at(-1) ?? new Uint8Array());
    return { statement: deps.signStatement(writeReceiptBatch({ drawId: draw.id, commitment, receivedAt, firstTicket, count, root })), entries, levels };
  }

  function sealed(draw: DrawFacts, batch: Batch, known: Uint8Array | null): Promise<Sealed> {
    const name = `${draw.organizationId}\n${draw.id}\n${batch.firstTicket}`;
    const made = remembered.get(name);
    if (made !== undefined) return made;
    const fresh = seal(draw, batch, known);
    if (remembered.size >= rememberedBatches) remembered.delete(remembered.keys().next().value ?? "");
    remembered.set(name, fresh);
    fresh.catch(() => remembered.delete(name));
    return fresh;
  }

  function receiptOf(draw: DrawFacts, { statement, entries, levels }: Sealed, firstTicket: number, holder: Holder): Receipt {
    const index = holder.ticket - firstTicket;
    const entry = entryAt(entries, index);
    // The salt is made again each time: that it still opens the entry is what makes this a receipt.
    if (toHex(readEntry(entry)?.ref ?? new Uint8Array()) !== toHex(refOf(holder))) throw new Error("A reference that does not open.");
    const path = writePath(pathThrough(levels, index));
    return { drawId: draw.id, entry: toHex(entry), ticket: holder.ticket, salt: toHex(holder.salt), batch: statement, path };
  }

  return Object.freeze<Receipts>({
    async fresh(draw, batch, entries, holders) {
      const all = await sealed(draw, batch, entries);
      return holders.map((holder) => receiptOf(draw, all, batch.firstTicket, holder));
    },
    async again(draw, holder) {
      const batch = await findBatch(deps.db, keyOf(draw), holder.ticket);
      if (batch === null) return null;
      // What was committed to since, and dated a moment back, is not what the receipt named.
      const then = { ...draw, commitments: batch.commitments ?? draw.commitments };
      return receiptOf(draw, await sealed(then, batch, null), batch.firstTicket, holder);
    },
  });
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
