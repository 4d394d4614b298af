import { hashOfSeed, toHex } from "@fanfare-io/fanfare-draw-proof";
import type { Database } from "../../data/database.ts";
import { insertDraw } from "../../data/draw-settings.ts";
import type { DrawKey } from "../../data/draws.ts";
import { makeTestShop } from "../../data/testing/make-shop.ts";
import { writeCommitment } from "../../domain/draw-statements.ts";
import type { Clock } from "../../platform/clock.ts";

/** What a test sets of its draw; it opens now, and closes and is drawn in an hour. */
export interface TestDrawOptions {
  readonly winnerCount: number;
  /** What the seed is made of. */
  readonly seed: number;
  readonly continueSelecting?: boolean;
  readonly maxWeight?: number;
  readonly beacon?: { readonly chainHash: string; readonly round: number; readonly at: Date };
}

/** Makes an organization of its own with one draw, whose grants live ten minutes. */
export async function makeTestDraw(db: Database, clock: Clock, options: TestDrawOptions): Promise<DrawKey> {
  const at = new Date(clock.now());
  const { record, place } = await makeTestShop(db, at);
  const { organizationId } = record;
  const seed = new Uint8Array(32).fill(options.seed);
  const drawsAt = at.getTime() + 3_600_000;
  const maxWeight = options.maxWeight ?? 1;
  const continueSelecting = options.continueSelecting ?? false;
  const beacon = options.beacon === undefined ? null : { ...options.beacon, at: options.beacon.at.toISOString() };
  const terms = {
    organizationId,
    drawId: "draw_a",
    opensAt: at.getTime(),
    closesAt: drawsAt,
    drawsAt,
    winnerCount: options.winnerCount,
    maxWeight,
    continueSelecting,
  };
  const commitment = writeCommitment({ ...terms, beacon, seedHash: toHex(hashOfSeed(seed)) }, at.getTime(), null);
  const request = {
    sequenceId: place.sequenceId,
    name: "Draw",
    drawAt: new Date(drawsAt).toISOString(),
    winnerCount: options.winnerCount,
    admissionExpirationSeconds: 600,
    continueSelectingUntilCompleted: continueSelecting,
    beacon,
    ...(maxWeight === 1 ? {} : { weighting: { rule: "luck_balancing" as const, maxWeight } }),
  };
  await db.batch(
    insertDraw(organizationId, { id: "draw_a", experienceId: place.experienceId, request, seed, blindingKey: new Uint8Array(32), opensAt: at, at, commitment }),
  );
  return { organizationId, drawId: "draw_a" };
}
