/**
 * The one catalog of wire errors (contract §4). The service raises by code, SDKs switch on code, nobody parses messages.
 *
 * `retry`: `never` = the same request will fail again; `after` = wait for `Retry-After`, then repeat;
 * `backoff` = repeat with growing, jittered pauses.
 */
export interface ErrorDefinition {
  readonly status: number;
  readonly retry: "never" | "after" | "backoff";
  readonly message: string;
}

export const errorCatalog = {
  validation_error: { status: 400, retry: "never", message: "The request does not fit the contract; `issues` names each field and what was expected." },
  malformed_json: { status: 400, retry: "never", message: "The body is not valid JSON." },
  invalid_otp: {
    status: 400,
    retry: "never",
    message: "This is not the code that was sent, or it is used up or too old; `details.attemptsRemaining` says how many tries are left, 0 = ask for another.",
  },
  invalid_exchange_code: {
    status: 400,
    retry: "never",
    message: "The exchange code is unknown, used, too old, or not this page's; `details.reason` says which.",
  },
  not_linked: { status: 409, retry: "never", message: "This is not the id of a guest who was merged into another consumer." },
  missing_publishable_key: { status: 401, retry: "never", message: "Send your organization's publishable key in X-Publishable-Key." },
  invalid_publishable_key: { status: 401, retry: "never", message: "This publishable key is unknown or revoked." },
  secret_key_exposed: { status: 401, retry: "never", message: "A secret key was sent where a publishable key belongs. Revoke it, and use pk_… in browsers." },
  missing_secret_key: { status: 401, retry: "never", message: "Send your secret key as `Authorization: Bearer sk_…`, from your backend only." },
  invalid_secret_key: { status: 401, retry: "never", message: "This secret key is unknown or revoked." },
  invalid_operator_key: { status: 401, retry: "never", message: "This call needs the operator key from the service's secrets." },
  missing_access_token: { status: 401, retry: "never", message: "Send the consumer's access token in Authorization." },
  invalid_access_token: { status: 401, retry: "never", message: "The access token is malformed, expired, revoked or of another organization." },
  invalid_poll_token: { status: 401, retry: "never", message: "The poll token is malformed, expired or of another queue." },
  invalid_refresh_token: { status: 401, retry: "never", message: "The refresh token is not usable any more; `details.reason` says why." },
  invalid_dpop_proof: {
    status: 401,
    retry: "never",
    message: "The DPoP proof is missing, malformed, for another request, or by another key; `details.reason` says which.",
  },
  use_dpop_nonce: { status: 401, retry: "never", message: "Prove again with the nonce of the DPoP-Nonce header." },
  bound_session_required: {
    status: 403,
    retry: "never",
    message: "This launch takes only sessions that are bound to a key of the browser; on a page served over HTTPS the SDK makes one.",
  },
  authentication_required: {
    status: 403,
    retry: "never",
    message: "This way in is for those who have proved who they are; `details` says what to prove.",
  },
  access_code_required: { status: 403, retry: "never", message: "This way in needs an access code; send the right one along as `accessCode`." },
  challenge_required: { status: 403, retry: "never", message: "Solve a challenge of POST /challenges and send it along; `details.reasons` says why." },
  other_device: {
    status: 403,
    retry: "never",
    message: "Another of your devices has earned this turn: go on there. If you have lost it, leave and enter again here, or ask the shop to let you go on.",
  },
  origin_not_allowed: { status: 403, retry: "never", message: "This origin is not on the organization's embeddingAllowedHosts." },
  not_found: { status: 404, retry: "never", message: "There is nothing here for these credentials." },
  method_not_allowed: { status: 405, retry: "never", message: "This path does not answer this method; `Allow` names those that it does." },
  request_timeout: { status: 408, retry: "backoff", message: "The request did not arrive in time." },
  key_retired: { status: 409, retry: "never", message: "The session that this key or install secret belongs to has ended; make a new one and ask again." },
  session_upgraded: { status: 409, retry: "never", message: "This device's session belongs to an identified consumer now." },
  identity_conflict: {
    status: 409,
    retry: "never",
    message: "This address belongs to another consumer, and the organization keeps the two apart; nothing has changed.",
  },
  key_in_use: { status: 409, retry: "never", message: "This key belongs to another session; make a new one and ask again." },
  already_exists: { status: 409, retry: "never", message: "Something with this id exists already." },
  entry_limit_reached: {
    status: 409,
    retry: "never",
    message:
      "You take part in this launch as often as one person may; `details.maxEntriesPerConsumer` says how often. What you have stays yours: go on there, or leave it first.",
  },
  queue_killed: { status: 409, retry: "never", message: "This queue was stopped for good; make a new one." },
  draw_committed: { status: 409, retry: "never", message: "The rules of this draw are fixed since its entries opened; cancel it and make a new one." },
  draw_closed: { status: 409, retry: "never", message: "The entries of this draw are closed: nobody enters or leaves any more." },
  draw_cancelled: { status: 409, retry: "never", message: "This draw was called off." },
  draw_already_drawn: { status: 409, retry: "never", message: "The result of this draw is published and stays as it is." },
  draw_not_confirmed: { status: 409, retry: "never", message: "This cannot be taken back: send the draw's own id as `confirm`." },
  draw_not_closed: { status: 409, retry: "never", message: "The entries of this draw are not closed and published yet." },
  invalid_beacon_signature: { status: 422, retry: "never", message: "This is not the signature of the round that the draw waits for." },
  grant_token_used: { status: 409, retry: "never", message: "This grant token was presented before; ask the shopper's page for a fresh one." },
  grant_token_replaced: { status: 409, retry: "never", message: "A newer token of this grant voids this one." },
  grant_completed: { status: 409, retry: "never", message: "This grant was already completed with another order." },
  grant_expired: { status: 409, retry: "never", message: "This grant has expired; its place has gone to the next in line." },
  grant_revoked: { status: 409, retry: "never", message: "The organization took this grant back." },
  grant_not_held: { status: 409, retry: "never", message: "No hold is open under this redemptionId: it was released, replaced or never existed." },
  grant_not_active: { status: 409, retry: "never", message: "This consumer holds no active grant of this distribution." },
  grant_not_extendable: { status: 409, retry: "never", message: "This grant cannot be given more time, or not once more." },
  invalid_grant_token: { status: 422, retry: "never", message: "The grant token is malformed, forged, expired or meant for another organization." },
  invalid_transfer_code: { status: 422, retry: "never", message: "The code is malformed, expired, used, or for another origin." },
  phone_country_not_allowed: { status: 422, retry: "never", message: "This organization sends no text messages to this country; use an e-mail address." },
  grant_nonce_mismatch: { status: 422, retry: "never", message: "The grant token does not carry the nonce that the shop expects." },
  payload_too_large: { status: 413, retry: "never", message: "The body is larger than this service reads." },
  unsupported_media_type: { status: 415, retry: "never", message: "Send JSON with `Content-Type: application/json`." },
  queue_not_open: { status: 423, retry: "after", message: "This queue is not open yet; `details.opensAt` says when it will be." },
  draw_not_open: { status: 423, retry: "after", message: "This draw does not take entries yet; `details.opensAt` says when it will." },
  draw_not_drawn: { status: 423, retry: "after", message: "The result of this draw is not published yet; `details.drawAt` says when it is due." },
  rate_limited: { status: 429, retry: "after", message: "Too many requests; wait as long as Retry-After says." },
  phone_limit_reached: {
    status: 429,
    retry: "after",
    message: "This organization has sent as many text messages today as it allows itself; use an e-mail address.",
  },
  queue_full: { status: 429, retry: "after", message: "This queue has as many people as it may hold." },
  draw_full: { status: 429, retry: "after", message: "This draw has as many entries as it may hold." },
  internal_error: { status: 500, retry: "backoff", message: "The service failed to answer. Quote the requestId when you report it." },
  otp_not_configured: { status: 501, retry: "never", message: "One-time codes are not configured on this service." },
  service_overloaded: {
    status: 503,
    retry: "after",
    message: "More people are arriving than the service can take right now; whoever has a place keeps it. Wait as long as Retry-After says.",
  },
  service_unavailable: { status: 503, retry: "after", message: "The service cannot take this now; your place is safe. Wait as long as Retry-After says." },
} as const satisfies Record<string, ErrorDefinition>;

/** A code of the catalog, in `lower_snake_case`. */
export type ErrorCode = keyof typeof errorCatalog;

/** One field that failed validation: where it is, what is wrong, what was expected there. */
export interface ValidationIssue {
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly expected: string;
}

/** The body of every failed answer, 404, 413 and 415 included (contract §4). */
export interface ErrorBody {
  readonly error: ErrorCode;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly issues?: readonly ValidationIssue[];
  readonly requestId: string;
}
