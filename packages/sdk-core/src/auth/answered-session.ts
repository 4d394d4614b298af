import type { TokenResponse } from "@fanfare-io/fanfare-contract";
import type { BindingKey, LiveSession } from "./live-session.ts";
import type { StoredSession } from "./stored-session.ts";

// Apart from what reads a session, which every page loads before anybody acts.

/** An answer of the service as it will be stored. `binding`: what was proved to get it; only a session that the service calls bound belongs to it. */
export function storedSessionOf(answer: TokenResponse, revision: number, nowMs: number, binding: BindingKey | null): StoredSession {
  const { session, accessToken, refreshToken, expiresInSeconds } = answer;
  const common = { revision, accessToken, refreshToken, expiresInSeconds, issuedAt: nowMs };
  if (answer.tokenType !== "DPoP" || !binding) return { ...common, session, tokenType: "Bearer" };
  // The service cannot know whether the key outlives this page.
  return { ...common, session: { ...session, bound: binding.bound }, tokenType: "DPoP", key: binding.key.id };
}

/** The key of a session; null where it is unbound. */
export function bindingOf({ key, session }: LiveSession): BindingKey | null {
  return key && { key, bound: session.bound || "page" };
}
