/**
 * `POST /challenges`: work for the asker's machine, in ALTCHA's form. The answer is the `counter` whose key, derived by scrypt from
 * `nonce` and counter with `salt`, begins with `keyPrefix`. It reads nothing of the person and asks nothing of them.
 */
export interface Challenge {
  readonly parameters: {
    readonly algorithm: string;
    /** Hex. */
    readonly nonce: string;
    /** Hex. */
    readonly salt: string;
    /** N of scrypt. */
    readonly cost: number;
    /** r of scrypt; each try takes 128 · N · r bytes of memory. */
    readonly memoryCost: number;
    readonly parallelism: number;
    /** Bytes. */
    readonly keyLength: number;
    /** Hex. */
    readonly keyPrefix: string;
    /** HMAC of the whole key, by which the answer is checked without deriving it again. */
    readonly keySignature: string;
    /** Seconds since 1970. */
    readonly expiresAt: number;
    /** Whom it was made for, and how much it is; `normal` is not said. */
    readonly data: { readonly organizationId: string; readonly purpose: ChallengePurpose; readonly effort?: ChallengeEffort };
  };
  readonly signature: string;
}

/** A challenge with what solves it, as `POST /auth/guest` takes it. It is good once. */
export interface ChallengeAnswer {
  readonly challenge: Challenge;
  readonly solution: {
    readonly counter: number;
    /** Hex. */
    readonly derivedKey: string;
  };
}

/** What the work is for; an answer opens nothing else. */
export type ChallengePurpose = "guest" | "enter" | "otp";

/**
 * How much work it is, by the classes of the reasons (`details.effort` of `challenge_required`): `normal` where many came from one place,
 * twice as much (`raised`) where the request looks like one of a browser that nobody looks at, four times (`high`) where both are so.
 */
export type ChallengeEffort = "normal" | "raised" | "high";

/** `POST /challenges`: a normal one for a guest, unless it says otherwise. An answer to more than was asked for is as good. */
export interface CreateChallengeRequest {
  readonly purpose?: ChallengePurpose;
  readonly effort?: ChallengeEffort;
}

/**
 * How much an experience asks of those who enter. `standard`: nothing. `enhanced`: a session that is bound to a key, and work where
 * something is suspect. `maximum`: identified consumers only, a bound session, and work from everybody.
 */
export type ProtectionLevel = "standard" | "enhanced" | "maximum";

/**
 * Why work is asked for: `details.reasons` of `challenge_required`. `address_busy`, `network_busy`: more came from this address, or its
 * /24 or /48, within the minute than come without it. `address_shared`, `network_shared`, `signals_shared`: more entered this launch from
 * this address, from its network, or from there with the same coarse signals, than a household does. `headless`: the request looks like one of a browser that nobody looks at.
 * `protection_maximum`: everybody is asked here. `text_message`: a code by text message costs money. `code_requests`: many codes were asked
 * for from this address, or for this recipient.
 */
export type ChallengeReason =
  | "address_busy"
  | "network_busy"
  | "address_shared"
  | "network_shared"
  | "signals_shared"
  | "headless"
  | "protection_maximum"
  | "text_message"
  | "code_requests";

/** What was wrong with an answer: `details.refused` of `challenge_required`. `too_easy`: it answers less than `details.effort`. */
export type ChallengeRefusal = "wrong" | "expired" | "used" | "too_easy";

/** `POST /queues/:id/enter`, `POST /draws/:id/enter`. */
export interface EnterRequest {
  /** Where the service asked for work (`challenge_required`). */
  readonly challenge?: ChallengeAnswer;
  /** Of a way in that needs one, as routing shows by the gate `ACCESS_CODE_REQUIRED`. */
  readonly accessCode?: string;
}
