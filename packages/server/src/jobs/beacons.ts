import type { BeaconTrouble, DrawBeaconRound } from "@fanfare-io/fanfare-contract";
import { fromHex } from "@fanfare-io/fanfare-draw-proof";
import { verifyBeacon } from "@fanfare-io/fanfare-draw-proof/beacon";
import { findAwaitedRounds, noteBeaconTrouble, recordBeacon } from "../data/draw-beacons.ts";
import type { AwaitedRound } from "../data/draw-beacons.ts";
import type { Database } from "../data/database.ts";
import type { Clock } from "../platform/clock.ts";
import { FetchRefused } from "../platform/fetch-json.ts";
import type { FetchJson } from "../platform/fetch-json.ts";

/** How often the job looks whether a round is awaited. */
export const beaconPeriodMs = 1_000;
const longestPauseMs = 60_000;

/** The job that fetches the rounds that draws wait for. */
export interface BeaconJob {
  /** One look, broken off once `stopping` says so. Raises what the database raised; a beacon that cannot be reached is written down and asked again. */
  round(stopping: AbortSignal): Promise<void>;
}

export interface BeaconJobDeps {
  readonly db: Database;
  readonly clock: Clock;
  /** Addresses of drand's HTTP interface, asked in turn. None = nobody is asked, and the operator is told. */
  readonly sources: readonly string[];
  readonly fetchJson: FetchJson;
  /** Told when the reason of a wait is another than before. */
  readonly onTrouble: (awaited: AwaitedRound, trouble: BeaconTrouble) => void;
}

interface Attempts {
  readonly failed: number;
  readonly nextAt: number;
  readonly trouble: BeaconTrouble;
}

/** Makes the job. Any number of nodes may run it: a signature is genuine or it is not, and the first one that is recorded stays. */
export function createBeaconJob(deps: BeaconJobDeps): BeaconJob {
  const { db, clock, sources } = deps;
  let attempts = new Map<string, Attempts>();

  async function serve(awaited: AwaitedRound, stopping: AbortSignal): Promise<void> {
    const { round, draws } = awaited;
    const name = nameOf(round);
    const before = attempts.get(name);
    if (before !== undefined && clock.now() < before.nextAt) return;
    const answer = await ask(round, before?.failed ?? 0, stopping);
    if (stopping.aborted) return;
    if (answer instanceof Uint8Array) {
      for (const key of draws) await recordBeacon(db, key, round, answer);
      attempts.delete(name);
      return;
    }
    const failed = (before?.failed ?? 0) + 1;
    attempts.set(name, { failed, trouble: answer, nextAt: clock.now() + Math.min(longestPauseMs, 500 * 2 ** failed) });
    if (before?.trouble !== answer) deps.onTrouble(awaited, answer);
    for (const key of draws) await noteBeaconTrouble(db, key, round, answer, new Date(clock.now()));
  }

  /** Whom to ask first moves on with each attempt, so that a source that hangs is not always waited for. */
  async function ask(round: DrawBeaconRound, turn: number, stopping: AbortSignal): Promise<Uint8Array | BeaconTrouble> {
    let trouble: BeaconTrouble = "not_configured";
    for (let at = 0; at < sources.length; at++) {
      const answer = await askOne(sources[(turn + at) % sources.length] ?? "", round, (url) => deps.fetchJson(url, stopping));
      if (answer instanceof Uint8Array) return answer;
      trouble = answer;
    }
    return trouble;
  }

  return Object.freeze<BeaconJob>({
    async round(stopping) {
      const awaited = await findAwaitedRounds(db, new Date(clock.now()));
      const names = new Set(awaited.map(({ round }) => nameOf(round)));
      attempts = new Map([...attempts].filter(([name]) => names.has(name)));
      await Promise.all(awaited.map((each) => serve(each, stopping)));
    },
  });
}

const nameOf = ({ chainHash, round }: DrawBeaconRound): string => `${chainHash}/${round}`;

async function askOne(source: string, round: DrawBeaconRound, fetchJson: (url: string) => Promise<unknown>): Promise<Uint8Array | BeaconTrouble> {
  try {
    const answer = (await fetchJson(`${source.replace(/\/$/, "")}/${round.chainHash}/public/${round.round}`)) as { readonly signature?: unknown } | null;
    const text = answer?.signature;
    const signature = typeof text === "string" ? fromHex(text, text.length / 2) : null;
    // Whoever answers is believed nothing: the chain's key decides, which this service knows by heart.
    return signature !== null && verifyBeacon(round, signature) === true ? signature : "not_genuine";
  } catch (error) {
    // drand answers a round that is to come with 404 or 425.
    return error instanceof FetchRefused && [404, 425].includes(error.status) ? "not_published" : "unreachable";
  }
}
