import { routes } from "@fanfare-io/fanfare-contract";
import { checkToken } from "./grant-token.ts";
import type { CompleteGrantRequest, GrantReceipt, Redemption, ReleasedGrant, ReleaseGrantRequest } from "@fanfare-io/fanfare-contract";
import type { GrantToken } from "./grant-token.ts";
import type { Transport } from "./transport.ts";
import type { GrantPreview, VerifyGrantToken } from "./verify.ts";

/** The life of a grant at the shop: `validate` before payment, `complete` after, `release` when payment failed (contract §6). */
export interface Grants {
  /**
   * Checks a token without asking the service: signature, audience, age, nonce. **Only a pre-check**: it cannot know whether the token
   * was used or replaced, or whether the grant still lives. It holds nothing and authorizes nothing; only `complete` authorizes a sale.
   *
   * Raises `INVALID_GRANT_TOKEN` with `details.reason` (a `GrantTokenFlaw`), `GRANT_NONCE_MISMATCH`, or `NETWORK_ERROR` when the keys cannot be read.
   */
  verify(token: string, options?: { readonly nonce?: string }): Promise<GrantPreview>;

  /**
   * Asks the service, uses the token up and holds the grant until `heldUntil`: take payment within it. A fresh token of a held grant gets the same `redemptionId`.
   *
   * Sent exactly once: a token can be used once, so a lost answer means asking the shopper's page for a fresh one, never repeating.
   * Raises `INVALID_GRANT_TOKEN`, `GRANT_NONCE_MISMATCH`, `GRANT_TOKEN_USED`, `GRANT_TOKEN_REPLACED`, `GRANT_EXPIRED`, `GRANT_COMPLETED`, `GRANT_NOT_ACTIVE`.
   */
  validate(token: string | GrantToken): Promise<Redemption>;

  /**
   * Uses the grant for exactly one order. Decide `orderId` before you take payment and keep it: the same order gets the same receipt,
   * so this call is repeated over network errors and refusals that pass, and you may repeat it after a crash.
   *
   * Raises `GRANT_COMPLETED` (another order won), `GRANT_NOT_HELD`, `GRANT_EXPIRED`: give the payment back then.
   */
  complete(order: CompleteGrantRequest): Promise<GrantReceipt>;

  /** Gives the hold back after a failed payment: the shopper keeps the grant until `expiresAt` and may try again. Raises `GRANT_NOT_HELD`. */
  release(hold: ReleaseGrantRequest): Promise<ReleasedGrant>;
}

/** Wires the four calls. */
export function createGrants(transport: Transport, verifyToken: VerifyGrantToken): Grants {
  return Object.freeze<Grants>({
    verify: async (token, options = {}) => verifyToken({ ...checkToken(token), ...(options.nonce === undefined ? {} : { nonce: options.nonce }) }),
    validate: async (token) => transport.post<Redemption>(routes.validateGrant.path, { ...checkToken(token) }, "never"),
    complete: ({ redemptionId, orderId, orderAmount }) =>
      transport.post<GrantReceipt>(
        routes.completeGrant.path,
        { redemptionId, orderId, ...(orderAmount === undefined ? {} : { orderAmount }) },
        "whenever_it_may_help",
      ),
    release: ({ redemptionId }) => transport.post<ReleasedGrant>(routes.releaseGrant.path, { redemptionId }, "when_refused"),
  });
}
