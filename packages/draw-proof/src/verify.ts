import { entryBytes, entryClasses } from "./entry.ts";
import { fromHex, toHex } from "./hex.ts";
import { hashLeaves, rootOf } from "./merkle.ts";
import { rankEntries, rankingKey } from "./ranking.ts";
import type { Ranking } from "./ranking.ts";
import { sha256 } from "./sha256.ts";
import { hashOfSeed, hashOfText, maxWeightOf, readClosing, readCommitment, readContinuation, readResult } from "./statements.ts";
import type { BeaconRound, Closing, Commitment, Continuation, Result } from "./statements.ts";
import { bytesOfEntries, readTranscript } from "./transcript.ts";
import type { Transcript } from "./transcript.ts";

/** What a check is about; the words are stable, for pages that explain each in their own. */
export type CheckName = "form" | "rules_first" | "rules_kept" | "list_closed" | "list_complete" | "weights" | "beacon" | "seed" | "winners" | "continued";

/** The verdict on one point. `holds` is null where it could not be checked here. */
export interface Check {
  readonly name: CheckName;
  readonly holds: boolean | null;
  readonly detail: string;
}

/** The verdict on a whole draw: it holds when every point holds; a point that could not be checked is told, and does not. */
export interface Verdict {
  readonly holds: boolean;
  readonly checks: readonly Check[];
}

/** Whether a signature is that round's of that beacon; null for a beacon that the checker does not know. */
export type BeaconCheck = (round: BeaconRound, signature: Uint8Array) => boolean | null;

/** What a verifier may bring along. */
export interface VerifyOptions {
  /** From the `./beacon` entry; without it a draw under a beacon is checked in everything but the beacon's own signature. */
  readonly verifyBeacon?: BeaconCheck;
}

/** Recomputes a draw from its transcript. Never raises, whatever it is given. */
export function verifyTranscript(value: unknown, options: VerifyOptions = {}): Verdict {
  const transcript = readTranscript(value);
  if (transcript === null) return verdict([{ name: "form", holds: false, detail: "This is not a transcript in the form fanfare-draw-transcript/1." }]);
  const commitments = transcript.commitments.map(({ text }) => readCommitment(text));
  const closing = transcript.closing === null ? null : readClosing(transcript.closing.text);
  const result = transcript.result === null ? null : readResult(transcript.result.text);
  const continuations = transcript.continuations.map(({ text }) => readContinuation(text));
  const missing =
    commitments.includes(null) ||
    continuations.includes(null) ||
    (closing === null && transcript.closing !== null) ||
    (result === null && transcript.result !== null)
      ? "A statement is malformed."
      : closing === null
        ? "Entries are not closed yet."
        : result === null
          ? "The draw is not made yet."
          : [...commitments, closing, result, ...continuations].some((statement) => statement?.drawId !== transcript.drawId)
            ? "A statement is about another draw."
            : null;
  if (missing !== null || closing === null || result === null) return verdict([{ name: "form", holds: false, detail: missing ?? "" }]);
  const draw = { transcript, commitments: commitments as Commitment[], closing, result, continuations: continuations as Continuation[] };
  return verdict(checksOf(draw, options));
}

function verdict(checks: readonly Check[]): Verdict {
  return { holds: checks.every(({ holds }) => holds === true), checks };
}

interface Draw {
  readonly transcript: Transcript;
  readonly commitments: readonly Commitment[];
  readonly closing: Closing;
  readonly result: Result;
  readonly continuations: readonly Continuation[];
}

function checksOf(draw: Draw, options: VerifyOptions): Check[] {
  const { transcript, commitments, closing } = draw;
  const first = commitments[0] as Commitment;
  const last = commitments.at(-1) as Commitment;
  const entries = bytesOfEntries(transcript.entries);
  const ranking = entries === null ? null : rank(draw.result, entries);
  return [
    check(
      "rules_first",
      first.committedAt <= first.opensAt && first.previous === null,
      `Rules and seed fixed ${first.committedAt}, entries open ${first.opensAt}.`,
    ),
    checkRulesKept(draw),
    checkClosing(draw),
    checkList(closing, entries),
    checkWeights(entries, maxWeightOf(last.weighting)),
    checkBeacon(draw, last, options.verifyBeacon),
    checkSeed(draw, last),
    checkWinners(draw, last, ranking),
    checkContinued(draw, last, ranking),
  ];
}

function check(name: CheckName, holds: boolean | null, detail: string): Check {
  return { name, holds, detail };
}

/** The times of a draw may be moved in public; what decides who wins may not, once entries are open. */
function checkRulesKept({ transcript, commitments, closing }: Draw): Check {
  for (const [index, next] of commitments.entries()) {
    const before = commitments[index - 1];
    if (before === undefined) continue;
    if (next.previous !== hashOfText(transcript.commitments[index - 1]?.text ?? ""))
      return check("rules_kept", false, "A commitment does not name the one before it.");
    const standing = { opened: next.committedAt >= before.opensAt, closed: next.committedAt > closing.closedAt };
    if (next.committedAt < before.committedAt || !mayReplace(before, next, standing)) {
      return check("rules_kept", false, `What was changed ${next.committedAt} was fixed by then.`);
    }
  }
  const moves = commitments.length - 1;
  return check("rules_kept", true, moves === 0 ? "Never changed." : `Changed in public ${moves === 1 ? "once" : `${moves} times`}.`);
}

function mayReplace(before: Commitment, next: Commitment, was: { readonly opened: boolean; readonly closed: boolean }): boolean {
  const alike = (...parts: readonly (readonly [unknown, unknown])[]): boolean => parts.every(([a, b]) => JSON.stringify(a) === JSON.stringify(b));
  const sameDraw = alike([before.drawId, next.drawId], [before.organizationId, next.organizationId], [before.seedHash, next.seedHash]);
  const sameRules = alike(
    [before.opensAt, next.opensAt],
    [before.winnerCount, next.winnerCount],
    [maxWeightOf(before.weighting), maxWeightOf(next.weighting)],
    [before.weighting.rule, next.weighting.rule],
    [before.continueSelecting, next.continueSelecting],
    [before.beacon?.chainHash, next.beacon?.chainHash],
  );
  const sameClose = alike([before.closesAt, next.closesAt], [before.beacon?.round, next.beacon?.round], [before.beacon?.at, next.beacon?.at]);
  if (!sameDraw) return false;
  // Before the opening anything may change, but not so that the new rules are younger than the first entry.
  if (!was.opened) return next.committedAt <= next.opensAt;
  return sameRules && (!was.closed || sameClose);
}

function checkClosing({ transcript, commitments, closing }: Draw): Check {
  const inForce = commitments.findLastIndex(({ committedAt }) => committedAt <= closing.closedAt);
  const commitment = commitments[inForce];
  // A list that closes before it opens would leave its rules open to change while it is known who is in it.
  const holds =
    commitment !== undefined &&
    closing.commitment === hashOfText(transcript.commitments[inForce]?.text ?? "") &&
    closing.closedAt >= commitment.closesAt &&
    closing.closedAt >= commitment.opensAt;
  const due = commitment === undefined || commitment.closesAt === closing.closedAt ? "" : `, due ${commitment.closesAt}`;
  return check("list_closed", holds, `${closing.entries} entries closed ${closing.closedAt}${due}.`);
}

function checkList(closing: Closing, entries: Uint8Array | null): Check {
  if (entries === null) return check("list_complete", false, "An entry is not 70 hexadecimal digits.");
  const count = entries.length / entryBytes;
  const root = toHex(rootOf(hashLeaves(entries, entryBytes)));
  const holds = count === closing.entries && root === closing.root;
  return check(
    "list_complete",
    holds,
    holds ? `The root over all ${count} entries is the published one.` : "The entries are not those whose root was published.",
  );
}

function checkWeights(entries: Uint8Array | null, most: number): Check {
  const excluded = new Map<string, number>();
  for (let from = 0; entries !== null && from < entries.length; from += entryBytes) {
    const weight = ((entries[from + 32] as number) << 8) | (entries[from + 33] as number);
    const kind = entryClasses[entries[from + 34] as number];
    if (weight < 1 || weight > most || kind === undefined) {
      return check("weights", false, `The entry of ticket ${from / entryBytes + 1} has a weight or class that the rules do not know.`);
    }
    if (kind !== "entered") excluded.set(kind, (excluded.get(kind) ?? 0) + 1);
  }
  const told = [...excluded].map(([kind, count]) => `${count} ${kind}`).join(", ");
  return check("weights", entries !== null, `No entry weighs more than ${most}. Taking no part: ${told === "" ? "nobody" : told}.`);
}

function checkBeacon({ closing, result }: Draw, { beacon }: Commitment, verifyBeacon: BeaconCheck | undefined): Check {
  if (beacon === null) {
    return check("beacon", result.beacon === null, "None was promised: whoever held the seed before the closing could know the result.");
  }
  const signature = signatureOf(result);
  if (signature === null || result.beacon?.round !== beacon.round) return check("beacon", false, "The result names another round than was promised.");
  if (closing.closedAt >= beacon.at || result.drawnAt < beacon.at)
    return check("beacon", false, "The list was not closed before the round, or drawn before it.");
  const genuine = verifyBeacon === undefined ? null : verifyBeacon(beacon, signature);
  return check("beacon", genuine, genuine === null ? "The beacon's signature was not checked here." : `Round ${beacon.round}, published ${beacon.at}.`);
}

function signatureOf({ beacon }: Result): Uint8Array<ArrayBuffer> | null {
  return beacon === null ? null : fromHex(beacon.signature, beacon.signature.length / 2);
}

function checkSeed({ transcript, closing, result }: Draw, { seedHash, drawsAt }: Commitment): Check {
  const seed = fromHex(result.seed, 32) as Uint8Array;
  const holds =
    toHex(hashOfSeed(seed)) === seedHash &&
    result.closing === hashOfText(transcript.closing?.text ?? "") &&
    result.drawnAt >= drawsAt &&
    result.drawnAt >= closing.closedAt;
  return check("seed", holds, holds ? `The seed is the promised one, told ${result.drawnAt}.` : "The seed is not the promised one, or was told out of turn.");
}

/** The ranking that follows from the told seed and beacon; null where the beacon's signature is no bytes. */
function rank(result: Result, entries: Uint8Array): Ranking | null {
  const signature = signatureOf(result);
  if (result.beacon !== null && signature === null) return null;
  return rankEntries(entries, rankingKey(fromHex(result.seed, 32) as Uint8Array, signature === null ? null : sha256(signature)));
}

/** Whether these are the tickets of the ranking from a rank on, and this the score of the last of them. */
function follows(ranking: Ranking, from: number, tickets: readonly number[], cutoff: string | null): boolean {
  const last = tickets.length === 0 ? null : ranking.tickets.length < from + tickets.length ? undefined : toHex(ranking.scoreAt(from + tickets.length - 1));
  return last === cutoff && tickets.every((ticket, at) => ticket === ranking.tickets[from + at]);
}

function checkWinners({ result }: Draw, { winnerCount }: Commitment, ranking: Ranking | null): Check {
  if (ranking === null) return check("winners", false, "The winners cannot be recomputed.");
  const drawn = Math.min(winnerCount, ranking.tickets.length);
  const holds = !ranking.hasTwins() && result.winners.length === drawn && follows(ranking, 0, result.winners, result.cutoff);
  const from = result.beacon === null ? "seed" : "seed, beacon";
  return check("winners", holds, holds ? `The ${drawn} winners follow from ${from} and list.` : "Seed and list give other winners.");
}

/** Each win that is given on has to be one that ended, and goes to whoever is next. */
function checkContinued({ transcript, result, continuations }: Draw, { continueSelecting }: Commitment, ranking: Ranking | null): Check {
  const failed = (detail: string): Check => check("continued", false, detail);
  const winners = new Set(result.winners);
  const ended = new Set<number>();
  let before = { hash: hashOfText(transcript.result?.text ?? ""), at: result.drawnAt };
  let given = 0;
  for (const [index, { previous, at, unclaimed, withdrawn, winners: next, cutoff }] of continuations.entries()) {
    if (!continueSelecting) return failed("A win was given on, which the rules do not allow.");
    if (previous !== before.hash || at < before.at) return failed("A continuation does not follow the one before it.");
    for (const ticket of [...unclaimed, ...withdrawn]) {
      if (!winners.has(ticket) || ended.has(ticket)) return failed(`Ticket ${ticket} had no win that could end.`);
      ended.add(ticket);
    }
    if (ranking === null || next.length === 0 || !follows(ranking, result.winners.length + given, next, cutoff))
      return failed("A win went to another than the next.");
    given += next.length;
    if (given > ended.size) return failed("More wins were given on than had ended.");
    for (const ticket of next) winners.add(ticket);
    before = { hash: hashOfText(transcript.continuations[index]?.text ?? ""), at };
  }
  const taken = continuations.reduce((sum, { withdrawn }) => sum + withdrawn.length, 0);
  const told = given === 0 ? "No win was given on." : `${given} given on in the order of the ranking; of those that ended, the operator took back ${taken}.`;
  return check("continued", true, told);
}
