import type { RefreshRefusal } from "@fanfare-io/fanfare-contract";

/** A session's row as decisions need it; instants in milliseconds. */
export interface SessionFacts {
  readonly refreshCounter: number;
  readonly refreshedAt: number;
  readonly durationSeconds: number;
  readonly idleExpiresAt: number;
  readonly familyExpiresAt: number;
  readonly createdAt: number;
  /** RFC 7638, base64url, of the key that the session is bound to; null where it is not. */
  readonly keyThumbprint: string | null;
  readonly revokedReason: string | null;
}

/** Seconds that an access token lives at most (rule A3). */
export const accessTokenSeconds = 600;

/** Up to this share of the life is taken off at random, so that sessions of one opening do not all come back in one second (rule A3). */
const accessTokenJitter = 0.05;

/** A family of refresh tokens ends this long after it began, whatever it did (rule A4). */
export const familyMs = 30 * 24 * 3600 * 1000;

/** For this long the parent of the current refresh token still gets the current one: the answer that carried it may have been lost (contract §6). */
export const parentGraceMs = 30_000;

/** For this long the same install secret gets the same guest (rule A1 without a device key). */
export const installSecretMs = 60_000;

/** A session's idle time: what was asked for may shorten, never lengthen, what the organization set. */
export function sessionDuration(asked: number | undefined, organization: number): number {
  return Math.min(asked ?? organization, organization);
}

/** When a session that was used at `now` ends unless it is used again. */
export function idleExpiry(durationSeconds: number, familyExpiresAt: number, now: number): number {
  return Math.min(now + durationSeconds * 1000, familyExpiresAt);
}

/** Whole seconds that an access token issued at `now` lives; `random` in [0, 1). Never beyond the session itself. */
export function accessLife(session: { readonly idleExpiresAt: number }, now: number, random: number): number {
  const jittered = Math.floor(accessTokenSeconds * (1 - accessTokenJitter * random));
  return Math.max(1, Math.min(jittered, Math.floor((session.idleExpiresAt - now) / 1000)));
}

/** What becomes of a refresh. */
export type RefreshDecision =
  /** The counter moves on: guarded by `from`, so that of two racing requests one moves it and the other decides anew. */
  | { readonly kind: "rotate"; readonly from: number; readonly to: number }
  /** The session is used, its token stays: it belongs to a key, so that a copy of it is worth nothing (RFC 9700 §4.14.2). */
  | { readonly kind: "keep"; readonly counter: number }
  /** The current child is answered again. */
  | { readonly kind: "repeat" }
  /** The family is revoked: an old token came back, so that somebody holds a copy. */
  | { readonly kind: "revoke" }
  | { readonly kind: "refuse"; readonly reason: RefreshRefusal };

/**
 * Decides on a refresh token by its counter (contract §6). `livePlace`: the consumer waits somewhere or holds a grant, which
 * outlives the idle limit: a night offline keeps the place (rule A4).
 */
export function decideRefresh(session: SessionFacts, counter: number, livePlace: boolean, now: number): RefreshDecision {
  if (session.revokedReason !== null) return { kind: "refuse", reason: session.revokedReason === "reused" ? "reused" : "revoked" };
  if (now >= session.familyExpiresAt) return { kind: "refuse", reason: "expired" };
  if (now >= session.idleExpiresAt && !livePlace) return { kind: "refuse", reason: "expired" };
  if (session.keyThumbprint !== null) return decideBoundRefresh(session, counter);
  // Ahead of the row: the database was restored from before this token was issued. The token is ours by its seal, so it is right.
  if (counter >= session.refreshCounter) return { kind: "rotate", from: session.refreshCounter, to: counter + 1 };
  if (counter === session.refreshCounter - 1 && now - session.refreshedAt <= parentGraceMs) return { kind: "repeat" };
  return { kind: "revoke" };
}

/**
 * The key was proved, so that whoever asks is the owner: an old token is told to be old, and ends nothing. Bound tokens move at an upgrade
 * only; whoever shows the parent, however late, has lost the answer that carried the child, and would lose with it what was linked.
 */
function decideBoundRefresh(session: SessionFacts, counter: number): RefreshDecision {
  if (counter >= session.refreshCounter) return { kind: "keep", counter };
  if (counter === session.refreshCounter - 1) return { kind: "repeat" };
  return { kind: "refuse", reason: "reused" };
}

/**
 * What a known device key gets: its guest, for as long as that guest's session lives (rule A1). A place in a line keeps it
 * living past the idle limit, as it does for a refresh.
 */
export function decideDeviceKey(session: SessionFacts, identified: boolean, livePlace: boolean, now: number): "same" | "key_retired" | "session_upgraded" {
  if (session.revokedReason !== null || now >= session.familyExpiresAt) return "key_retired";
  if (now >= session.idleExpiresAt && !livePlace) return "key_retired";
  return identified ? "session_upgraded" : "same";
}

/** What a known install secret gets: the guest that it made a moment ago, or a refusal. */
export function decideInstallSecret(session: SessionFacts, identified: boolean, now: number): "same" | "key_retired" | "session_upgraded" {
  if (session.revokedReason !== null || now >= session.idleExpiresAt || now - session.createdAt > installSecretMs) return "key_retired";
  return identified ? "session_upgraded" : "same";
}
