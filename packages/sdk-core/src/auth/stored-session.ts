import type { Session, TokenResponse } from "@fanfare-io/fanfare-contract";
import { readVersioned, writeVersioned } from "../lib/versioned-json.ts";

/** What is kept of a session between pages, over two keys: `:session` and `:refresh_token`. */
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

/** The two texts that are stored. */
export interface SessionTexts {
  readonly session: string;
  readonly refreshToken: string;
}

/** Writes a session as the two texts; the first is readable JSON, as the guide promises. */
export function serializeSession({ refreshToken, ...rest }: StoredSession): SessionTexts {
  return {
    session: writeVersioned(rest),
    refreshToken: writeVersioned({ revision: rest.revision, refreshToken }),
  };
}

/** Reads the two texts back; null when any part is missing, truncated, foreign or of another version. */
export function parseSession(sessionText: string, refreshText: string | null): StoredSession | null {
  const stored = readVersioned(sessionText);
  const refresh = readVersioned(refreshText);
  if (!stored || !refresh) return null;
  const { revision, session, accessToken, tokenType, expiresInSeconds, issuedAt } = stored;
  const { refreshToken } = refresh;
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
