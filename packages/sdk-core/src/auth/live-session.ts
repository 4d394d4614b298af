import type { Bound, Session, SigningKey } from "@fanfare-io/fanfare-contract";
import type { Clock } from "../lib/clock.ts";
import type { StoredSession } from "./stored-session.ts";

/** A key that a session is, or is to be, bound to, and whether it outlives this page. */
export interface BindingKey {
  readonly key: SigningKey;
  readonly bound: Exclude<Bound, false>;
}

/** The session as this page uses it: what is stored, its key, and its lifetimes on the monotonic clock (rule A3). */
export interface LiveSession {
  readonly stored: StoredSession;
  readonly session: Session;
  /** Null where it is unbound. */
  readonly key: SigningKey | null;
  /** When the access token stops being worth sending. */
  readonly deadAt: number;
  /** When to renew it: at about 80 % of its life. */
  readonly renewAt: number;
}

/** A token that dies on the way is a refused one. */
const travelMs = 2_000;

/** Two tabs may read one clock this far apart: browsers blur the time, and networks correct it. */
const apartMs = 1_000;

/** What a live session is made with. */
export type LiveClock = Pick<Clock, "now" | "monotonic">;

/** Counts lifetimes from now. A device clock that stands before the stored moment was set back: the age is unknown, so the token counts as dead. */
export function liveSessionOf(stored: StoredSession, key: SigningKey | null, clock: LiveClock, random: () => number): LiveSession {
  const lifeMs = stored.expiresInSeconds * 1000;
  const ageMs = clock.now() - stored.issuedAt;
  const leftMs = ageMs < -apartMs ? 0 : Math.min(lifeMs, Math.max(0, lifeMs - ageMs));
  const deadAt = clock.monotonic() + leftMs - travelMs;
  return Object.freeze({
    stored,
    session: Object.freeze(stored.session),
    key,
    deadAt,
    // Spread over a tenth of the life, so that tabs and crowds do not renew in the same second.
    renewAt: deadAt - lifeMs * (0.15 + 0.1 * random()),
  });
}

/** Whether the access token has run out. The monotonic clock may have slept with the device; the wall clock, which may jump, has not. */
export function isDead({ deadAt, stored }: LiveSession, clock: LiveClock): boolean {
  return clock.monotonic() >= deadAt || clock.now() - stored.issuedAt >= stored.expiresInSeconds * 1000;
}

/** Whether it is time to renew it, by either clock. */
export function isDue({ renewAt, stored }: LiveSession, clock: LiveClock): boolean {
  return clock.monotonic() >= renewAt || clock.now() - stored.issuedAt >= stored.expiresInSeconds * 800;
}
