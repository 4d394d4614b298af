import { entryBytes, writeEntry } from "../entry.ts";
import type { Entry } from "../entry.ts";
import { toHex } from "../hex.ts";
import { hashLeaves, pathOf, rootOf } from "../merkle.ts";
import { writePath } from "../personal.ts";
import type { Receipt } from "../personal.ts";
import { hashOfText } from "../statements.ts";
import type { ReceiptBatch } from "../statements.ts";
import { entrantOf, listOf, unsigned } from "./make-transcript.ts";
import type { MadeDraw } from "./make-transcript.ts";

/** The receipt of a ticket of a made draw, as it was given out half an hour after the opening, with up to seven others of the same moment. */
export function makeReceipt(name: string, draw: MadeDraw, ticket: number, told: Partial<ReceiptBatch> = {}): Receipt {
  const receivedAt = "2026-11-22T10:30:00.000Z";
  const firstTicket = ticket - ((ticket - 1) % 8);
  // Whoever is excluded by now was not when the receipt was written.
  const together = draw.entries.slice(firstTicket - 1, firstTicket + 7).map((entry): Entry => ({ ...entry, class: "entered" }));
  const leaves = hashLeaves(listOf(together), entryBytes);
  const ruled = draw.commitments.findLast(({ committedAt }) => committedAt <= receivedAt);
  const batch: ReceiptBatch = {
    format: "fanfare-draw-receipt/1",
    drawId: `draw_${name}`,
    commitment: hashOfText(JSON.stringify(ruled)),
    receivedAt,
    firstTicket,
    count: together.length,
    root: toHex(rootOf(leaves)),
    ...told,
  };
  return {
    drawId: `draw_${name}`,
    entry: toHex(writeEntry(together[ticket - firstTicket] as Entry)),
    ticket,
    salt: toHex(entrantOf(name, ticket).salt),
    batch: unsigned(batch),
    path: writePath(pathOf(leaves, ticket - firstTicket)),
  };
}
