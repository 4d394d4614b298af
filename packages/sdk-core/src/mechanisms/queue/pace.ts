import type { QueueConsumerState } from "@fanfare-io/fanfare-contract";
import { backoffDelayMs } from "../../lib/backoff.ts";
import { isFar } from "./far.ts";

/** Within this distance of the front the service counts on hearing from each waiter (presence), so nothing stretches it. */
const nearFrontSeconds = 30;
/** A hidden page asks a little less often; more would look like absence, which is two intervals of silence. */
const hiddenFactor = 1.5;
/** Where nobody is missed, a hidden page may let twice as long pass. */
const hiddenFarFactor = 2;

/** What the pause before the next question depends on. */
export interface PaceOptions {
  readonly state: QueueConsumerState | null;
  /** Failures in a row. */
  readonly failures: number;
  readonly retryAfterSeconds: number | undefined;
  readonly visible: boolean;
  /** Whether the next question begins to follow the shared body: whoever joined together must not go on asking together. */
  readonly scatter?: boolean;
  /** Whether the service would tell of what comes instead of being asked again. */
  readonly called?: boolean;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** The pause before the next question in milliseconds; null when there is nothing left to ask. */
export function paceMs({ state, failures, retryAfterSeconds, visible, scatter = false, called = false, random }: PaceOptions): number | null {
  if (state && state.status !== "QUEUED" && state.status !== "ADMITTED") return null;
  const told = state?.pollAfterSeconds ?? 5;
  const toldSeconds = Number.isFinite(told) ? Math.max(0.5, told) : 5;
  if (failures > 0) {
    const atLeastMs = Math.max(1, retryAfterSeconds ?? 0) * 1000;
    return backoffDelayMs({ attempt: failures, baseMs: 1_000, capMs: Math.max(nearFrontSeconds, toldSeconds) * 1000, random, atLeastMs });
  }
  // Whoever would be told must not sleep through the turn first; those whose turn is farther let the others in front.
  if (called) return Math.max(300, toldSeconds * 50) * random();
  const seconds = visible ? toldSeconds : hiddenSeconds(state, toldSeconds);
  return seconds * 1000 * (scatter ? 0.4 + 0.6 * random() : 0.9 + 0.2 * random());
}

function hiddenSeconds(state: QueueConsumerState | null, told: number): number {
  if (isFar(state)) return told * hiddenFarFactor;
  return Math.min(told * hiddenFactor, Math.max(nearFrontSeconds, told));
}
