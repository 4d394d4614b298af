import type { Session, TokenResponse } from "@fanfare-io/fanfare-contract";
import { unversioned } from "../lib/versioned-json.ts";

/** What is kept of a session between pages, in one piece. */
export interface StoredSession {
  /** Grows with each write by any tab; the higher one is the truth. */
  readonly revision: number;
  readonly session: Session;
  readonly accessToken: string;
  readonly tokenType: TokenResponse["tokenType"];
  readonly expiresInSeconds: number;
  /** Device wall clock, milliseconds: only ever compared with the same clock. */
  readonly issuedAt: number;
  readonly refreshToken: string;
  /** The id of the key that the session is bound to. */
  readonly key?: string;
}

/** Reads a stored session back; null when any part is missing, truncated, foreign or of another version. */
export function readSession(value: unknown): StoredSession | null {
  const { revision, session, accessToken, tokenType, expiresInSeconds, issuedAt, refreshToken, key } = unversioned(value) ?? {};
  if (!isSession(session) || !isText(accessToken) || !isText(refreshToken) || !isCount(revision) || !isCount(issuedAt)) return null;
  if (!isCount(expiresInSeconds) || (tokenType !== "Bearer" && tokenType !== "DPoP")) return null;
  if (isText(key) !== (tokenType === "DPoP")) return null;
  return { revision, session, accessToken, tokenType, expiresInSeconds, issuedAt, refreshToken, ...(isText(key) && { key }) };
}

/** Whether a value has what every session has. */
export function isSession(value: unknown): value is Session {
  const session = value as Partial<Session> | null | undefined;
  return (session?.type === "guest" || session?.type === "authenticated") && isText(session.consumerId) && isText(session.expiresAt);
}

/** Whether a value is text with something in it. */
export const isText = (value: unknown): value is string => typeof value === "string" && value !== "";
/** Whether a value is a number that counts something. */
export const isCount = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value) && value >= 0;
