import {
  copyPath,
  entryBytes,
  hashLeaves,
  levelsOf,
  pathOf,
  pathThrough,
  readEntry,
  refOf,
  toHex,
  writeEntry,
  writePath,
} from "@fanfare-io/fanfare-draw-proof";
import type { EntryOpening, InclusionProof, Receipt, SignedStatement } from "@fanfare-io/fanfare-draw-proof";
import type { Database } from "../data/database.ts";
import type { Entering } from "../data/draw-entering.ts";
import { readEntries } from "../data/draw-entries.ts";
import type { BatchRow } from "../data/draw-entries.ts";
import { readBlockRoots } from "../data/draw-results.ts";
import { readStatements } from "../data/draw-statements.ts";
import type { DrawStatementRow } from "../data/draw-statements.ts";
import { keyOf } from "../data/draws.ts";
import { inForceAt, writeReceiptBatch } from "../domain/draw-statements.ts";
import type { DrawFacts } from "../domain/draw.ts";
import { createRemembered } from "./remembered.ts";
import { entriesPerBlock } from "./workbench-messages.ts";

/** Who came in the same moment. */
export interface Batch {
  readonly firstTicket: number;
  readonly size: number;
  readonly receivedAt: number;
}

/** Writes receipts. Nothing of them is stored but who came in the same moment; asked for again, a receipt is the same. */
export interface Receipts {
  /** Of a batch that came in just now, in the order of its tickets. */
  fresh(draw: DrawFacts, batch: Batch, entered: readonly Entering[]): Promise<readonly Receipt[]>;
  /** Of an entry that has been there. `batch` = the one that it came in. */
  again(draw: DrawFacts, batch: BatchRow, holder: EntryOpening): Promise<Receipt>;
}

interface Sealed {
  readonly statement: SignedStatement;
  readonly entries: Uint8Array;
  readonly levels: readonly Uint8Array[];
}

// Some hundred bytes each: whoever comes again within as many entries costs no reading of those who came with them.
const rememberedEntries = 65_536;
const rememberedDraws = 1_000;

/** Makes the writer of receipts: one signature and one tree serve everybody of a batch. */
export function createReceipts(deps: { readonly db: Database; readonly signStatement: (text: string) => SignedStatement }): Receipts {
  const remembered = createRemembered<Promise<Sealed>>(rememberedEntries);
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
    remembered.put(name, fresh, batch.size);
    fresh.catch(() => remembered.forget(name));
    return fresh;
  }

  function receiptOf(draw: DrawFacts, { statement, entries, levels }: Sealed, firstTicket: number, holder: EntryOpening): Receipt {
    const index = holder.ticket - firstTicket;
    const entry = entryAt(entries, index);
    // The salt is made again each time: that it still opens the entry is what makes this a receipt.
    if (toHex(readEntry(entry)?.ref ?? new Uint8Array()) !== toHex(refOf(holder))) throw new Error("A reference that does not open.");
    const path = writePath(pathThrough(levels, index));
    return { drawId: draw.id, entry: toHex(entry), ticket: holder.ticket, salt: toHex(holder.salt), batch: statement, path };
  }

  return Object.freeze<Receipts>({
    async fresh(draw, batch, entered) {
      const entries = new Uint8Array(entered.length * entryBytes);
      entered.forEach(({ consumerId, salt, weight }, index) => {
        const ref = refOf({ consumerId, salt, ticket: batch.firstTicket + index });
        entries.set(writeEntry({ ref, weight, class: "entered" }), index * entryBytes);
      });
      const { statement, levels } = await sealed(draw, batch, entries);
      // Thousands a second are written: digits once for all of them, and each path by way of one piece of memory.
      const digits = Buffer.from(entries.buffer).toString("hex");
      const path = Buffer.alloc(32 * levels.length);
      return entered.map(({ salt }, index) => ({
        drawId: draw.id,
        entry: digits.slice(2 * entryBytes * index, 2 * entryBytes * (index + 1)),
        ticket: batch.firstTicket + index,
        salt: toHex(salt),
        batch: statement,
        path: path.toString("base64url", 0, copyPath(path, levels, index)),
      }));
    },
    async again(draw, batch, holder) {
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
