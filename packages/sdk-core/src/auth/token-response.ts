import type { TokenResponse } from "@fanfare-io/fanfare-contract";
import { isCount, isSession, isText } from "./stored-session.ts";

/** Checks the answer of the service, so that a wrong proxy or an older service is named here and not three calls later. */
export function isTokenResponse(value: unknown): value is TokenResponse {
  const answer = value as Partial<TokenResponse> | null | undefined;
  return !!answer && isText(answer.accessToken) && isText(answer.refreshToken) && isCount(answer.expiresInSeconds) && isSession(answer.session);
}
