import { rankingKey, sha256, toHex } from "@fanfare-io/fanfare-draw-proof";
import type { Database } from "../data/database.ts";
import { readEntries } from "../data/draw-entries.ts";
import { beginDrawing, closeDraw, publishClosing, publishResult } from "../data/draw-results.ts";
import { readSecrets } from "../data/draw-secrets.ts";
import { readStatements } from "../data/draw-statements.ts";
import { findDraw } from "../data/draws.ts";
import type { DrawKey } from "../data/draws.ts";
import { inForceAt, writeClosing, writeResult } from "../domain/draw-statements.ts";
import { nextStep } from "../domain/draw.ts";
import type { DrawFacts, DrawStep } from "../domain/draw.ts";
import type { Clock } from "../platform/clock.ts";
import { promiseLaterRound } from "./commitments.ts";
import { grantNext } from "./winners.ts";
import { openWorkbench } from "./workbench.ts";
import type { Workbench } from "./workbench.ts";

/** What conducting a draw needs. */
export interface ConductDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly newGrantId: () => string;
  /** Told of each step before it begins: what a test breaks off at. */
  readonly onStep?: (step: DrawStep, draw: DrawFacts) => void;
}

/**
 * Takes a draw as far as it goes now: closes, roots, draws, publishes, grants. Every step is a statement that does nothing where it was
 * done already, computed from rows that no longer change, so that it may be broken off anywhere and run by several at once.
 */
export async function conductDraw(deps: ConductDeps, key: DrawKey): Promise<void> {
  let bench: Workbench | null = null;
  try {
    for (let before: DrawStep | null = null; ;) {
      const draw = await findDraw(deps.db, key);
      const step = draw === null ? null : nextStep(draw, deps.clock.now());
      // A step that has changed nothing waits for something, or another node is at it.
      if (draw === null || step === null || (step === before && step !== "grant")) return;
      deps.onStep?.(step, draw);
      before = step;
      if (step === "root" || step === "rank") bench = await compute(deps, key, draw, step, bench ?? (await loadList(deps.db, key, draw)));
      else if (!(await take(deps, key, draw, step))) return;
    }
  } finally {
    await bench?.close();
  }
}

/** Does a step that is one statement; false when there is nothing further to do now. */
async function take(deps: ConductDeps, key: DrawKey, draw: DrawFacts, step: "close" | "begin" | "grant"): Promise<boolean> {
  const at = new Date(deps.clock.now());
  switch (step) {
    case "close":
      await promiseLaterRound(deps.db, draw, at.getTime());
      await closeDraw(deps.db, key, at);
      return true;
    case "begin":
      await beginDrawing(deps.db, key, at);
      return true;
    case "grant":
      return grantNext(deps, key, draw, at);
  }
}

async function loadList(db: Database, key: DrawKey, draw: DrawFacts): Promise<Workbench> {
  const bench = openWorkbench();
  try {
    await bench.load(draw.tickets, (first, count) => readEntries(db, key, first, count));
    return bench;
  } catch (error) {
    await bench.close();
    throw error;
  }
}

async function compute(deps: ConductDeps, key: DrawKey, draw: DrawFacts, step: "root" | "rank", bench: Workbench): Promise<Workbench> {
  try {
    if (step === "root") await publishRoot(deps, key, draw, bench);
    else await publishRanking(deps, key, draw, bench);
    return bench;
  } catch (error) {
    await bench.close();
    throw error;
  }
}

async function publishRoot({ db, clock }: ConductDeps, key: DrawKey, draw: DrawFacts, bench: Workbench): Promise<void> {
  const { root, blockRoots } = await bench.root();
  const commitments = (await readStatements(db, key)).filter(({ kind }) => kind === "commitment");
  const closedAt = draw.closedAt as number;
  const text = writeClosing({ drawId: draw.id, commitment: inForceAt(commitments, closedAt).text, closedAt, entries: draw.tickets, root: toHex(root) });
  await publishClosing(db, key, { text, root, blockRoots }, new Date(clock.now()));
}

async function publishRanking({ db, clock }: ConductDeps, key: DrawKey, draw: DrawFacts, bench: Workbench): Promise<void> {
  const { seed, ...recorded } = await readSecrets(db, key);
  const beaconSignature = draw.beacon === null ? null : recorded.beaconSignature;
  const closing = (await readStatements(db, key)).find(({ kind }) => kind === "closing");
  if (closing === undefined || draw.drawingAt === null) throw new Error("A draw that is being made without its closing.");
  const { winners, cutoff, ranked, tickets, ranks } = await bench.rank(
    rankingKey(seed, beaconSignature === null ? null : sha256(beaconSignature)),
    draw.winnerCount,
  );
  const beacon = draw.beacon === null || beaconSignature === null ? null : { round: draw.beacon.round, signature: toHex(beaconSignature) };
  const text = writeResult({ drawId: draw.id, closing: closing.text, drawnAt: draw.drawingAt, seed: toHex(seed), beacon, winners, cutoff });
  await publishResult(db, key, { text, ranked, tickets, ranks }, new Date(clock.now()));
}
