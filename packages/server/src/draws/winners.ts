import { rankingKey, readContinuation, readEntry, scoreOf, sha256, toHex } from "@fanfare-io/fanfare-draw-proof";
import type { Database } from "../data/database.ts";
import { readEntries } from "../data/draw-entries.ts";
import { grantWins, markLooked, readDrawGrants, readEndedWins, readNextTickets } from "../data/draw-results.ts";
import { readSecrets } from "../data/draw-secrets.ts";
import { readStatements } from "../data/draw-statements.ts";
import { keyOf } from "../data/draws.ts";
import type { DrawKey } from "../data/draws.ts";
import { expireGrants } from "../data/grants.ts";
import { writeContinuation } from "../domain/draw-statements.ts";
import { furtherWinners } from "../domain/draw.ts";
import type { DrawFacts } from "../domain/draw.ts";
import { holdGraceSeconds } from "../domain/grant.ts";

const grantsAtOnce = 1_000;

/** What giving wins needs. */
export interface WinnersDeps {
  readonly db: Database;
  readonly newGrantId: () => string;
}

/** Ends grants that ran out and gives their wins on, where the rules say so; false when nobody follows now. */
export async function grantNext({ db, newGrantId }: WinnersDeps, key: DrawKey, draw: DrawFacts, at: Date): Promise<boolean> {
  await expireGrants(db, { organizationId: key.organizationId, queueId: key.drawId }, at, new Date(at.getTime() - holdGraceSeconds * 1000));
  const grants = await readDrawGrants(db, key);
  const { count, isContinuation } = furtherWinners(draw, grants, at.getTime());
  if (count === 0) {
    await markLooked(db, key, grants.version, grants.active === 0, at);
    return false;
  }
  const tickets = await readNextTickets(db, key, draw.offered, Math.min(count, grantsAtOnce));
  if (tickets.length === 0) return false;
  const continuation = isContinuation ? await tellContinuation(db, draw, tickets, at) : null;
  const wins = { offered: draw.offered, version: grants.version, tickets, grantIds: tickets.map(() => newGrantId()), continuation };
  // Refused where something happened since the count: the next look counts anew.
  await grantWins(db, key, wins, at);
  return true;
}

/** What is said in public of wins that are given on: whose ended since the last time, who follows, and the score down to which that goes. */
async function tellContinuation(
  db: Database,
  draw: DrawFacts,
  winners: readonly number[],
  at: Date,
): Promise<{ readonly number: number; readonly text: string }> {
  const key = keyOf(draw);
  const [statements, ended, cutoff] = await Promise.all([readStatements(db, key), readEndedWins(db, key), scoreOfTicket(db, key, winners.at(-1) ?? 0)]);
  const earlier = statements.filter(({ kind }) => kind === "continuation");
  const previous = earlier.at(-1) ?? statements.find(({ kind }) => kind === "result");
  if (previous === undefined) throw new Error("A draw that is published without its result.");
  const known = earlier.map(({ text }) => readContinuation(text)).filter((one) => one !== null);
  const told = new Set(known.flatMap(({ unclaimed, withdrawn }) => [...unclaimed, ...withdrawn]));
  const over = (state: "expired" | "revoked"): number[] => ended.filter((one) => one.state === state && !told.has(one.ticket)).map(({ ticket }) => ticket);
  // Clocks of nodes differ; no statement is older than the one that it follows.
  const madeAt = Math.max(at.getTime(), draw.drawnAt ?? 0, Date.parse(known.at(-1)?.at ?? "1970-01-01"));
  const text = writeContinuation({
    drawId: key.drawId,
    previous: previous.text,
    at: madeAt,
    unclaimed: over("expired"),
    withdrawn: over("revoked"),
    winners,
    cutoff,
  });
  return { number: earlier.length + 1, text };
}

async function scoreOfTicket(db: Database, key: DrawKey, ticket: number): Promise<string> {
  const [{ seed, beaconSignature }, bytes] = await Promise.all([readSecrets(db, key), readEntries(db, key, ticket, 1)]);
  const entry = readEntry(bytes);
  if (entry === null) throw new Error("A winner without an entry.");
  return toHex(scoreOf(rankingKey(seed, beaconSignature === null ? null : sha256(beaconSignature)), entry.ref, entry.weight));
}
