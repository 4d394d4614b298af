import type { DrawConsumerState } from "@fanfare-io/fanfare-contract";
import { backoffDelayMs } from "../../lib/backoff.ts";

/** Whoever asks before being told to would ask for a result that is not there yet, so jitter only ever adds, and never much. */
const jitterCapMs = 3_000;

/** What the pause before the next question depends on. */
export interface PaceOptions {
  readonly state: DrawConsumerState | null;
  /** Failures in a row. */
  readonly failures: number;
  readonly retryAfterSeconds: number | undefined;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** The pause before the next question in milliseconds; null when there is nothing left to ask. The service spreads its entrants itself. */
export function paceMs({ state, failures, retryAfterSeconds, random }: PaceOptions): number | null {
  const told = state === null ? 5 : toldSeconds(state);
  if (told === null) return null;
  if (failures > 0) return backoffDelayMs({ attempt: failures, baseMs: 1_000, capMs: 60_000, random, atLeastMs: Math.max(1, retryAfterSeconds ?? 0) * 1000 });
  const seconds = Number.isFinite(told) ? Math.max(0.5, told) : 5;
  return seconds * 1000 + Math.min(seconds * 100, jitterCapMs) * random();
}

function toldSeconds(state: DrawConsumerState): number | null {
  if (state.status === "NOT_SELECTED") return state.reserve?.pollAfterSeconds ?? null;
  return "pollAfterSeconds" in state ? state.pollAfterSeconds : null;
}
