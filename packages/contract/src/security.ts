/**
 * What is written down about a session's integrity. `wrong_key`: tokens of a bound session came with another key, so they were copied;
 * `proof_replayed`: a proof came twice where once is meant; `refresh_reused`: an old refresh token ended its unbound family;
 * `grant_token_refused`: a grant token that was used, replaced or meant for another nonce was presented to the shop;
 * `check_released`: an operator let somebody off the work that they were asked for; `binding_released`: an operator let somebody redeem on another device;
 * `identity_proved`: a consumer became known by something, `reason` says how; `consumer_merged`: a guest turned out to be this consumer,
 * `subject` is the guest's id; `identity_conflict`: that was refused; `consumer_unlinked`: an operator took it apart again.
 */
export type SecurityEventKind =
  | "wrong_key"
  | "proof_replayed"
  | "refresh_reused"
  | "grant_token_refused"
  | "session_revoked"
  | "consumer_revoked"
  | "grant_revoked"
  | "consumer_exported"
  | "consumer_erased"
  | "session_transferred"
  | "check_released"
  | "binding_released"
  | "identity_proved"
  | "identity_conflict"
  | "consumer_merged"
  | "consumer_unlinked"
  | "api_key_created"
  | "api_key_revoked";

/** One line of the audit log. Repetitions within a minute are one line with their number; it holds no token and no full address. */
export interface SecurityEvent {
  readonly id: string;
  readonly kind: SecurityEventKind;
  readonly createdAt: string;
  readonly lastAt: string;
  readonly times: number;
  /** Null where no consumer is concerned, and after erasure. */
  readonly consumerId: string | null;
  readonly sessionId: string | null;
  /** The id of the grant or API key that it is about. */
  readonly subject: string | null;
  /** The code or reason of the refusal. */
  readonly reason: string | null;
  /** The network that it came from, a /24 or /48, as in `203.0.113.0/24`. */
  readonly network: string | null;
  /** `X-Request-Id` of the first of them. */
  readonly requestId: string | null;
}
