import type { Credentials } from "../transport/authorized.ts";
import type { LiveSession } from "./live-session.ts";
import type { MakeProver } from "./proving.ts";

/** What calls in the name of a session show. */
export function credentialsOf(live: LiveSession, proverOf: MakeProver): Credentials {
  return { authorization: authorizationOf(live), prove: live.key ? proverOf(live.key, live.stored.accessToken) : undefined };
}

/** The `Authorization` value of a session. */
export function authorizationOf({ stored }: LiveSession): string {
  return `${stored.tokenType} ${stored.accessToken}`;
}
