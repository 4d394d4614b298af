import type { Receipt } from "@fanfare-io/fanfare-draw-proof";
import type { Database } from "../data/database.ts";
import { insertDrawEntries, insertDrawEntriesWithinLimit, insertNewDrawEntries } from "../data/draw-entering.ts";
import type { EnterOutcome, Entering } from "../data/draw-entering.ts";
import { countLosses, readStandings } from "../data/draw-entries.ts";
import { findDraw, keyOf } from "../data/draws.ts";
import type { DrawKey } from "../data/draws.ts";
import { findOverLimit } from "../data/entry-limits.ts";
import { drawState } from "../domain/draw.ts";
import type { DrawFacts, DrawStanding } from "../domain/draw.ts";
import type { Clock } from "../platform/clock.ts";
import type { Receipts } from "./evidence.ts";
import type { SaltOf } from "./salts.ts";

/** What became of someone who asked to enter: in, with the receipt where the entry is new; or not, because it is over or full, or they take part as often as they may. */
export type Entered =
  | { readonly kind: "entered"; readonly fresh: { readonly entry: NonNullable<DrawStanding["entry"]>; readonly receipt: Receipt } | null }
  | { readonly kind: "closed" }
  | { readonly kind: "full" }
  | { readonly kind: "limited" };

/** One who wants to enter. */
export interface Newcomer {
  readonly draw: DrawFacts;
  readonly consumerId: string;
  /** Whether the experience limits how often one person takes part. */
  readonly isLimited?: boolean;
}

/** What entering needs. */
export interface DrawEntranceDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly receipts: Receipts;
  readonly saltsOf: (draw: DrawFacts) => Promise<SaltOf>;
  /** Reads the draw anew. */
  readonly refresh: (key: DrawKey) => Promise<DrawFacts | null>;
}

/** As many as go into one statement. */
export const entriesAtOnce = 512;

// Of the batches after one in which somebody was in already. That one was tried in vain, and left as many dead rows as people came with them: who
// enters again and again makes the database do so once in so many batches.
const lookingBatches = 64;

/** Makes the flush of a draw's group commit: newcomers of one draw, entered together. Safe to repeat. */
export function createDrawEntrance(deps: DrawEntranceDeps): (newcomers: readonly Newcomer[]) => Promise<readonly Entered[]> {
  const { db, clock } = deps;
  let looking = 0;

  async function enterSome(draw: DrawFacts, newcomers: readonly string[], isLimited: boolean, outcomes: Map<string, Entered>): Promise<void> {
    const key = keyOf(draw);
    const current = draw.capacity === null ? draw : ((await findDraw(db, key)) ?? draw);
    const room = current.capacity === null ? entriesAtOnce : Math.max(0, current.capacity - current.tickets + current.excluded);
    const entering = await prepare(draw, newcomers.slice(0, room));
    const at = new Date(clock.now());
    const outcome = entering.length === 0 ? ({ kind: "full" } as const) : await insert(draw, entering, isLimited, at);
    if (outcome.kind === "entered") {
      const fresh = new Set(outcome.consumerIds);
      for (const { consumerId } of entering) if (!fresh.has(consumerId)) outcomes.set(consumerId, { kind: "entered", fresh: null });
      const newcomersIn = entering.filter(({ consumerId }) => fresh.has(consumerId));
      return welcome({ ...draw, commitments: outcome.commitments }, outcome.firstTicket, at.getTime(), newcomersIn, outcomes);
    }
    for (const { consumerId, entry } of await readStandings(db, key, newcomers))
      if (entry?.class === 0) outcomes.set(consumerId, { kind: "entered", fresh: null });
    // Others took the room that was seen, or somebody here was in already: what is left is tried again, seeing that.
    const again = outcome.kind === "closed" && current.capacity !== null && drawState((await deps.refresh(key)) ?? draw, clock.now()) === "open";
    if (outcome.kind === "repeated" && isLimited) await turnAway(draw, newcomers, outcomes);
    if (outcome.kind === "repeated" || again) return;
    for (const consumerId of newcomers) if (!outcomes.has(consumerId)) outcomes.set(consumerId, { kind: outcome.kind });
  }

  async function insert(draw: DrawFacts, entering: readonly Entering[], isLimited: boolean, at: Date): Promise<EnterOutcome> {
    const key = keyOf(draw);
    if (isLimited) return insertDrawEntriesWithinLimit(db, { ...key, experienceId: draw.experienceId }, entering, at);
    if (looking > 0) {
      looking -= 1;
      return insertDrawEntries(db, key, entering, at);
    }
    const outcome = await insertNewDrawEntries(db, key, entering, at);
    if (outcome.kind !== "repeated") return outcome;
    looking = lookingBatches;
    return insertDrawEntries(db, key, entering, at);
  }

  /** Tells who takes part as often as they may, so that the others of the batch can enter. */
  async function turnAway(draw: DrawFacts, newcomers: readonly string[], outcomes: Map<string, Entered>): Promise<void> {
    const left = newcomers.filter((consumerId) => !outcomes.has(consumerId));
    if (left.length === 0) return;
    const limited = { organizationId: draw.organizationId, experienceId: draw.experienceId, distributionId: draw.id };
    for (const consumerId of await findOverLimit(db, limited, left)) outcomes.set(consumerId, { kind: "limited" });
  }

  async function prepare(draw: DrawFacts, consumerIds: readonly string[]): Promise<readonly Entering[]> {
    const losses = draw.maxWeight > 1 && consumerIds.length > 0 ? await countLosses(db, keyOf(draw), consumerIds) : new Map<string, number>();
    const saltOf = await deps.saltsOf(draw);
    return consumerIds.map((consumerId) => ({ consumerId, salt: saltOf(consumerId), weight: Math.min(draw.maxWeight, 1 + (losses.get(consumerId) ?? 0)) }));
  }

  async function welcome(draw: DrawFacts, firstTicket: number, at: number, entering: readonly Entering[], outcomes: Map<string, Entered>): Promise<void> {
    const receipts = await deps.receipts.fresh(draw, { firstTicket, size: entering.length, receivedAt: at }, entering);
    entering.forEach(({ consumerId, weight }, index) => {
      const entry = { ticket: firstTicket + index, class: 0, weight, enteredAt: at };
      outcomes.set(consumerId, { kind: "entered", fresh: { entry, receipt: receipts[index] as Receipt } });
    });
  }

  return async (items) => {
    const draw = items[0]?.draw;
    if (draw === undefined) return [];
    const outcomes = new Map<string, Entered>();
    const isLimited = items.some((item) => item.isLimited === true);
    for (let newcomers = [...new Set(items.map((item) => item.consumerId))]; newcomers.length > 0;) {
      await enterSome(draw, newcomers, isLimited, outcomes);
      newcomers = newcomers.filter((consumerId) => !outcomes.has(consumerId));
    }
    return items.map((item) => outcomes.get(item.consumerId) ?? { kind: "closed" });
  };
}
