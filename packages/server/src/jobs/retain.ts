import type { Database } from "../data/database.ts";
import { deleteExternalCodes } from "../data/external-codes.ts";
import { deleteOldLinks } from "../data/link-retention.ts";
import { findForgettableDraw, finishFolding, foldEntries } from "../data/draw-retention.ts";
import { deleteOldCodes } from "../data/otp-retention.ts";
import {
  deleteEnded,
  deleteForgottenGuests,
  deleteOldChanges,
  deleteOldSecurityEvents,
  deleteSpentProofs,
  forgetConsumersInSecurityEvents,
} from "../data/retention.ts";
import { eraseOldSignals } from "../data/signals.ts";
import { signalsKeptMs } from "../domain/signals.ts";
import { entriesPerBlock } from "../draws/workbench-messages.ts";
import type { Clock } from "../platform/clock.ts";

const dayMs = 24 * 3600 * 1000;
const changesMs = 3600 * 1000;
/** Abuse is often noticed only when the next launch comes. */
const securityEventsMs = 90 * dayMs;
const batchSize = 2_000;
const maxBatches = 20;

/** How often the job runs. */
export const retentionPeriodMs = 10 * 60 * 1000;

/** One round of forgetting, in small statements, so that no lock is held for long; what is left waits for the next round. It ends between two of them once `stopping` says so. */
export async function retain(db: Database, clock: Clock, stopping?: AbortSignal): Promise<void> {
  const now = clock.now();
  const inBatches = async (deleteSome: () => Promise<number>): Promise<void> => {
    for (let batch = 0; batch < maxBatches && stopping?.aborted !== true; batch++) if ((await deleteSome()) < batchSize) return;
  };
  await inBatches(() => deleteOldChanges(db, new Date(now - changesMs), batchSize));
  await inBatches(() => deleteSpentProofs(db, new Date(now), batchSize));
  await inBatches(() => deleteExternalCodes(db, new Date(now), batchSize));
  await inBatches(() => deleteOldSecurityEvents(db, new Date(now - securityEventsMs), batchSize));
  await forgetConsumersInSecurityEvents(db, new Date(now - 6 * retentionPeriodMs));
  await inBatches(() => deleteOldCodes(db, now, batchSize));
  await inBatches(() => eraseOldSignals(db, new Date(now - signalsKeptMs), batchSize));
  await foldEndedDraws(db, now, stopping);
  await inBatches(() => deleteEnded(db, new Date(now), batchSize));
  await inBatches(() => deleteOldLinks(db, new Date(now), batchSize));
}

// Proofs of inclusion and transcripts read whole blocks.
const ticketsAtOnce = 4 * entriesPerBlock;

/** Takes the people out of draws that ended long ago; what proves the draw stays. Broken off, it goes on where it was. */
async function foldEndedDraws(db: Database, now: number, stopping: AbortSignal | undefined): Promise<void> {
  for (let draws = 0; draws < maxBatches; draws++) {
    const draw = await findForgettableDraw(db, new Date(now));
    if (draw === null) return;
    for (let first = 1; first <= draw.tickets; first += ticketsAtOnce) {
      if (stopping?.aborted === true) return;
      const gone = await foldEntries(db, draw, first, ticketsAtOnce);
      if (gone.length > 0) await deleteForgottenGuests(db, gone);
    }
    await finishFolding(db, draw, new Date(now));
  }
}
