/** The form of each kind of id and key (contract §4). */
export const idPatterns = {
  /** Ids that a caller may choose at creation. */
  chosen: /^[a-z]{2,12}_[A-Za-z0-9_]{1,60}$/,
  /** A consumer's or session's id: a bare UUID, version 7 where the service made it. */
  uuid: /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
  /** Safe in any page. `live` and `test` are labels. */
  publishableKey: /^pk_(live|test)_[A-Za-z0-9]{3,64}$/,
  /** For a merchant's backend only. */
  secretKey: /^sk_(live|test)_[A-Za-z0-9]{16,64}$/,
} as const;

/** Money as a decimal string, never a number. */
export const moneyPattern: RegExp = /^\d{1,12}(\.\d{1,8})?$/;

/** The prefix of each kind of id that the service makes. */
export const idPrefixes = {
  organization: "org",
  experience: "exp",
  sequence: "seq",
  queue: "queue",
  draw: "draw",
  grant: "grant",
  redemption: "red",
  receipt: "rcpt",
  apiKey: "key",
  request: "req",
  securityEvent: "sev",
  entryCheck: "check",
} as const;
