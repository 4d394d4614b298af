import { createHash } from "node:crypto";
import { entryBytes, refOf, writeEntry } from "../entry.ts";
import type { Entry, EntryClass } from "../entry.ts";
import { entryClasses } from "../entry.ts";
import { toHex } from "../hex.ts";
import { hashLeaves, rootOf } from "../merkle.ts";
import { rankEntries, rankingKey } from "../ranking.ts";
import type { Ranking } from "../ranking.ts";
import { sha256 } from "../sha256.ts";
import { hashOfSeed, hashOfText } from "../statements.ts";
import type { Closing, Commitment, Continuation, Result, SignedStatement } from "../statements.ts";
import type { Transcript } from "../transcript.ts";

/** A stream of numbers that one seed repeats, so that a failing transcript can be made again. */
export function createDice(seed: string): (sides: number) => number {
  let turn = 0;
  return (sides) => createHash("sha256").update(`${seed}/${turn++}`).digest().readUInt32BE(0) % sides;
}

/** A draw, open for alteration: what is changed here before it is written shows in every statement that follows from it. */
export interface MadeDraw {
  readonly commitments: Commitment[];
  readonly entries: Entry[];
  readonly seed: Uint8Array;
  beaconSignature: Uint8Array | null;
  closedAt: string;
  drawnAt: string;
  /** So many wins ended at these times, of them so many taken back, and went to as many as were left to follow. */
  readonly lapses: { readonly at: string; readonly ended: number; readonly withdrawn: number }[];
}

const hour = 3_600_000;
const start = Date.parse("2026-11-22T10:00:00.000Z");
const instant = (hours: number): string => new Date(start + hours * hour).toISOString();

/** Makes a draw of up to so many entries, of every kind that the rules know. */
export function makeDraw(name: string, most = 60): MadeDraw {
  const dice = createDice(name);
  const seed = createHash("sha256").update(`seed of ${name}`).digest();
  const maxWeight = 2 + dice(9);
  const weighted = dice(2) === 0;
  const commitment: Commitment = {
    format: "fanfare-draw-commitment/1",
    organizationId: "org_shop",
    drawId: `draw_${name}`,
    committedAt: instant(-1),
    opensAt: instant(0),
    closesAt: instant(2),
    drawsAt: instant(3),
    winnerCount: 1 + dice(20),
    weighting: weighted ? { rule: "luck_balancing", maxWeight } : { rule: "equal" },
    continueSelecting: dice(2) === 0,
    seedHash: toHex(hashOfSeed(seed)),
    beacon: null,
    previous: null,
  };
  const commitments = [commitment];
  if (dice(3) === 0) commitments.push({ ...commitment, committedAt: instant(-0.5), winnerCount: 3, previous: hashOfText(JSON.stringify(commitment)) });
  if (dice(3) === 0) {
    const before = commitments.at(-1) ?? commitment;
    commitments.push({ ...before, committedAt: instant(1), closesAt: instant(2.5), drawsAt: instant(2.75), previous: hashOfText(JSON.stringify(before)) });
  }
  const entries = Array.from({ length: dice(most + 1) }, (_, index): Entry => {
    const kind = (dice(8) === 0 ? entryClasses[dice(entryClasses.length)] : "entered") as EntryClass;
    const { consumerId, salt } = entrantOf(name, index + 1);
    return { ref: refOf({ ticket: index + 1, salt, consumerId }), weight: weighted ? 1 + dice(maxWeight) : 1, class: kind };
  });
  const lapses = Array.from({ length: commitment.continueSelecting ? dice(4) : 0 }, (_, index) => ({
    at: instant(4 + index),
    ended: 1 + dice(4),
    withdrawn: dice(2),
  }));
  return { commitments, entries, seed, beaconSignature: null, closedAt: instant(2.6), drawnAt: instant(3), lapses };
}

/** Who stands behind a ticket of a made draw. */
export function entrantOf(name: string, ticket: number): { readonly consumerId: string; readonly salt: Uint8Array } {
  const digest = createHash("sha256")
    .update(`${name} ${ticket - 1}`)
    .digest("hex");
  const consumerId = `${digest.slice(0, 8)}-${digest.slice(8, 12)}-${digest.slice(12, 16)}-${digest.slice(16, 20)}-${digest.slice(20, 32)}`;
  return { consumerId, salt: Buffer.from(digest.slice(32), "hex") };
}

/** The entries as the tree and the ranking read them. */
export function listOf(entries: readonly Entry[]): Uint8Array {
  const list = new Uint8Array(entries.length * entryBytes);
  entries.forEach((entry, index) => list.set(writeEntry(entry), index * entryBytes));
  return list;
}

/** A text in the place of a statement; who signed it is another question. */
export function unsigned(members: object): SignedStatement {
  return { text: JSON.stringify(members), signature: "", keyId: "none" };
}

/** Writes the transcript that follows from a draw. */
export function writeTranscript(draw: MadeDraw): Transcript {
  const last = draw.commitments.at(-1) as Commitment;
  const commitments = draw.commitments.map(unsigned);
  const list = listOf(draw.entries);
  const closing = unsigned({
    format: "fanfare-draw-closing/1",
    drawId: last.drawId,
    commitment: hashOfText(commitments.at(-1)?.text ?? ""),
    closedAt: draw.closedAt,
    entries: draw.entries.length,
    root: toHex(rootOf(hashLeaves(list, entryBytes))),
  } satisfies Closing);
  const beacon = draw.beaconSignature === null ? null : sha256(draw.beaconSignature);
  const ranking = rankEntries(list, rankingKey(draw.seed, beacon));
  const { tickets, scoreAt } = ranking;
  const winners = [...tickets.subarray(0, last.winnerCount)];
  const result = unsigned({
    format: "fanfare-draw-result/1",
    drawId: last.drawId,
    closing: hashOfText(closing.text),
    drawnAt: draw.drawnAt,
    seed: toHex(draw.seed),
    beacon: draw.beaconSignature === null ? null : { round: last.beacon?.round ?? 0, signature: toHex(draw.beaconSignature) },
    winners,
    cutoff: winners.length === 0 ? null : toHex(scoreAt(winners.length - 1)),
  } satisfies Result);
  return {
    format: "fanfare-draw-transcript/1",
    drawId: last.drawId,
    commitments,
    closing,
    entries: draw.entries.map((entry) => toHex(writeEntry(entry))),
    result,
    continuations: writeContinuations(draw, result, ranking),
  };
}

/** The first winners whose wins have not ended lose them, and the next in the ranking follow. */
function writeContinuations(draw: MadeDraw, result: SignedStatement, { tickets, scoreAt }: Ranking): SignedStatement[] {
  const { drawId, winners } = JSON.parse(result.text) as Result;
  const told: SignedStatement[] = [];
  let ended = 0;
  let offered = winners.length;
  for (const lapse of draw.lapses) {
    const over = [...tickets.subarray(ended, Math.min(offered, ended + lapse.ended))];
    const next = [...tickets.subarray(offered, offered + over.length)];
    if (next.length === 0) break;
    ended += over.length;
    offered += next.length;
    const continuation: Continuation = {
      format: "fanfare-draw-continuation/1",
      drawId,
      previous: hashOfText((told.at(-1) ?? result).text),
      at: lapse.at,
      unclaimed: over.slice(lapse.withdrawn),
      withdrawn: over.slice(0, lapse.withdrawn),
      winners: next,
      cutoff: toHex(scoreAt(offered - 1)),
    };
    told.push(unsigned(continuation));
  }
  return told;
}
