import type { Session, TokenResponse } from "@fanfare-io/fanfare-contract";
import { readVersioned } from "../lib/versioned-json.ts";

/** What is kept of a session between pages: one text under one key, because two keys can be read half old, half new. */
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
}

/** Reads a stored session back; null when any part is missing, truncated, foreign or of another version. */
export function parseSession(text: string | null): StoredSession | null {
  const { revision, session, accessToken, tokenType, expiresInSeconds, issuedAt, refreshToken } = readVersioned(text) ?? {};
  if (!isSession(session) || !isText(accessToken) || !isText(refreshToken) || !isCount(revision) || !isCount(issuedAt)) return null;
  if (!isCount(expiresInSeconds) || (tokenType !== "Bearer" && tokenType !== "DPoP")) return null;
  return { revision, session, accessToken, tokenType, expiresInSeconds, issuedAt, refreshToken };
}

/** Checks the answer of the service, so that a wrong proxy or an older service is named here and not three calls later. */
export function isTokenResponse(value: unknown): value is TokenResponse {
  const answer = value as Partial<TokenResponse> | null | undefined;
  return !!answer && isText(answer.accessToken) && isText(answer.refreshToken) && isCount(answer.expiresInSeconds) && isSession(answer.session);
}

function isSession(value: unknown): value is Session {
  const session = value as Partial<Session> | null;
  return (
    typeof session === "object" &&
    !!session &&
    (session.type === "guest" || session.type === "authenticated") &&
    isText(session.consumerId) &&
    isText(session.expiresAt)
  );
}

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";
const isCount = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value) && value >= 0;
