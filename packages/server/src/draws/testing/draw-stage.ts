import type { Transcript } from "@fanfare-io/fanfare-draw-proof";
import { afterAll, beforeAll, beforeEach, expect } from "vitest";
import type { Database } from "../../data/database.ts";
import { findDraw } from "../../data/draws.ts";
import type { DrawKey } from "../../data/draws.ts";
import { openTestDatabase } from "../../data/testing/open-test-database.ts";
import type { TestDatabase } from "../../data/testing/open-test-database.ts";
import type { DrawFacts } from "../../domain/draw.ts";
import { createTurnedClock } from "../../lines/testing/test-node.ts";
import type { TurnedClock } from "../../lines/testing/test-node.ts";
import { conductDraw } from "../conduct.ts";
import { fillDraw, readTestTranscript } from "./conducting.ts";
import { makeTestDraw } from "./make-draw.ts";
import type { TestDrawOptions } from "./make-draw.ts";

/** Units of the tests of draws. */
export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;
/** The chain of the public beacon that draws are promised to. */
export const quicknet = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971";

/** A database, a clock that is turned by hand, and the draw that was made last. */
export interface DrawStage {
  db(): Database;
  clock(): TurnedClock;
  /** The key of the draw that was made last. */
  key(): DrawKey;
  /** Makes a draw in an organization of its own. */
  make(options: TestDrawOptions): Promise<DrawKey>;
  /** Enters so many consumers. */
  fill(count: number): Promise<void>;
  /** Puts a fresh clock up, as at the beginning of a test. */
  rewind(): void;
  /** Takes the draw as far as it goes now. */
  conduct(through?: Database): Promise<void>;
  current(): Promise<DrawFacts>;
  /** What the draw publishes, unsigned. */
  transcript(): Promise<Transcript>;
}

/** Sets the stage for the tests of a file: opened before them, closed after them, and the clock put back before each. */
export function setDrawStage(): DrawStage {
  let opened: TestDatabase;
  let clock: TurnedClock;
  let key: DrawKey | null = null;
  let grants = 0;
  beforeAll(async () => {
    opened = await openTestDatabase();
  });
  afterAll(() => opened.close());
  beforeEach(() => {
    clock = createTurnedClock();
  });
  const keyNow = (): DrawKey => key ?? expect.fail("a draw was made");
  return Object.freeze<DrawStage>({
    db: () => opened.db,
    clock: () => clock,
    key: keyNow,
    make: async (options) => (key = await makeTestDraw(opened.db, clock, options)),
    fill: (count) => fillDraw(opened.db, keyNow(), count, new Date(clock.now())),
    rewind: () => void (clock = createTurnedClock()),
    conduct: (through = opened.db) => conductDraw({ db: through, clock, newGrantId: () => `grant_${grants++}` }, keyNow()),
    current: async () => (await findDraw(opened.db, keyNow())) ?? expect.fail("the draw is there"),
    transcript: () => readTestTranscript(opened.db, keyNow()),
  });
}
