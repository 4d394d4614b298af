import { routes } from "@fanfare-io/fanfare-contract";
import type { AuthorizeExternalRequest, ExternalCode } from "@fanfare-io/fanfare-contract";
import type { Transport } from "./transport.ts";

/** What the shop tells of people whom it has signed in. */
export interface Identities {
  /**
   * Says that somebody is signed in here, and gets a code for their page, which calls `sdk.auth.exchangeExternal` with it. The code is good once,
   * for a minute: hand it over in the page or by form POST, never in a URL. The same `issuer` and `subject` are always the same consumer.
   *
   * `codeChallenge` is what the page sent along; without it a guest who takes part in something is not linked. `claims.email` counts only with
   * `emailVerified: true`: say so only of an address that was proved, for it leads to the consumer who is known by it.
   *
   * Raises `VALIDATION_ERROR` for what is too long or no challenge.
   */
  authorize(who: AuthorizeExternalRequest): Promise<ExternalCode>;
}

/** Wires the call. */
export function createIdentities(transport: Transport): Identities {
  return Object.freeze<Identities>({
    // A code that nobody gets to see runs out by itself, so that asking again is harmless.
    authorize: async (who) => transport.post<ExternalCode>(routes.authorizeExternal.path, { ...who }, "whenever_it_may_help"),
  });
}
