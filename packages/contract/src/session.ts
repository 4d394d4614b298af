import type { ChallengeAnswer } from "./challenges.ts";

/** Where the key that a session is bound to lives: kept in IndexedDB, in this page's memory only, or nowhere (contract §2). */
export type Bound = "device" | "page" | false;

/** An anonymous consumer's session, as the guide shows it. */
export interface GuestSession {
  readonly type: "guest";
  /** UUIDv7. */
  readonly consumerId: string;
  /** The same as `consumerId` while the consumer is a guest. */
  readonly guestId: string;
  /** The idle limit, ISO 8601: past it the session has ended unless it was refreshed (rule A4). */
  readonly expiresAt: string;
  readonly bound: Bound;
  readonly sessionSignals?: Readonly<Record<string, unknown>>;
  readonly unlinked?: UnlinkOutcome;
}

/** The session of a consumer whose e-mail, phone or external identity is proved. */
export interface AuthenticatedSession {
  readonly type: "authenticated";
  readonly consumerId: string;
  /** The guest that this consumer once was, where there was one. */
  readonly guestId?: string;
  readonly email?: string;
  readonly phone?: string;
  readonly expiresAt: string;
  readonly bound: Bound;
  readonly sessionSignals?: Readonly<Record<string, unknown>>;
  readonly linked?: LinkOutcome;
}

export type Session = GuestSession | AuthenticatedSession;

/** A participation, named by its mechanism and distribution. */
export interface ParticipationRef {
  readonly mechanism: Mechanism;
  readonly distributionId: string;
}

/** What became of a guest's participations when it met an identity (contract §8). */
export interface LinkOutcome {
  readonly kind: "created" | "upgraded" | "merged" | "switched";
  readonly fromConsumerId?: string;
  readonly moved: readonly ParticipationRef[];
  readonly kept: readonly ParticipationRef[];
}

/** An operator took this guest out again of a consumer that it had been merged into: it is its own again, and the places stay with that consumer. */
export interface UnlinkOutcome {
  /** Whom it was taken to be. */
  readonly fromConsumerId: string;
  /** The lines that it was put into once more, at the tail; one that takes nobody any more has not taken it. */
  readonly reentered: readonly ParticipationRef[];
}

/** The ways to distribute what is scarce. */
export type Mechanism = "queue" | "draw" | "auction" | "appointment" | "timed_release";

/** The answer of every call that opens or renews a session. */
export interface TokenResponse {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly tokenType: "Bearer" | "DPoP";
  /** Life of the access token in seconds; count it on a monotonic clock (rule A3). */
  readonly expiresInSeconds: number;
  readonly session: Session;
}

/**
 * What a page tells of its device, only with the shopper's consent (`privacy.sessionSignals`): classes that thousands share, to tell crowds of
 * identical devices from crowds of people. Nothing is drawn, played or listed for it. A type, so that it is a record as well.
 */
export type SessionSignals = {
  /** IANA, as in `Europe/Berlin`. */
  readonly timeZone?: string;
  /** The preferred one, BCP 47. */
  readonly language?: string;
  /** By its shorter side in CSS pixels: below 600, below 1,000, or more. */
  readonly screen?: "small" | "medium" | "large";
  readonly colorScheme?: "light" | "dark";
  /** Processor cores: up to 4, up to 8, or more. */
  readonly cores?: "few" | "some" | "many";
  readonly touch?: boolean;
  readonly platform?: "windows" | "macos" | "ios" | "android" | "linux" | "other";
  /** Whether a program drives the browser and it says so. */
  readonly webdriver?: boolean;
};

/** `POST /auth/guest`. */
export interface CreateGuestRequest {
  /** A random secret of this installation: within a minute the same secret gets the same guest (rule A1 without a device key). */
  readonly installSecret?: string;
  /** Seconds; may shorten, never lengthen, the organization's. */
  readonly sessionDuration?: number;
  /** With the shopper's consent only; a keyed hash is kept. The answer of 201 says what was taken. */
  readonly sessionSignals?: SessionSignals;
  /** Where the service asked for work (`challenge_required`). */
  readonly challenge?: ChallengeAnswer;
}

/** `POST /auth/refresh`. */
export interface RefreshRequest {
  readonly refreshToken: string;
  /** The consent to signals stands. Without it, what is kept of them is erased for good; the session goes on. */
  readonly sessionSignals?: true;
}

/** `POST /auth/transfer`: takes the session to another origin of the same shop, as from www to checkout. */
export interface TransferRequest {
  /** `https://checkout.shop.example`, one of the organization's `embeddingAllowedHosts`. */
  readonly origin: string;
}

/** A code that moves the session, once, to the page of that origin that redeems it with a key of its own. Hand it over by form POST, never in a URL. */
export interface TransferCode {
  readonly code: string;
  readonly expiresAt: string;
}

/** `POST /auth/transfer/redeem`. */
export interface RedeemTransferRequest {
  readonly code: string;
}

/** `POST /auth/logout`: with a live access token the body may be empty. */
export interface LogoutRequest {
  readonly refreshToken?: string;
}

/** `details.reason` of `invalid_dpop_proof`: `url` is a setting of the service (`CONSUMER_PUBLIC_URLS`), the rest is the client's. */
export type ProofRefusal = "missing" | "malformed" | "signature" | "method" | "url" | "token" | "key";

/** `details.reason` of `invalid_refresh_token`. */
export type RefreshRefusal = "malformed" | "unknown" | "reused" | "revoked" | "expired";

/** `GET /auth/session`. */
export interface SessionAnswer {
  readonly session: Session;
}

/** Where a one-time code is to be sent. `defaultCountry`: ISO 3166, for a phone number that was typed without its country. */
export type OtpRequest =
  | { readonly email: string; readonly fullName?: string }
  | { readonly phone: string; readonly defaultCountry?: string; readonly fullName?: string };

/** The body of `POST /auth/otp/request`: what the SDK was asked for, with the work that the service asked for (`challenge_required`, purpose `otp`). */
export type OtpRequestBody = OtpRequest & { readonly challenge?: ChallengeAnswer };

/** `POST /auth/otp/verify`: the address as it was given to the request. Codes may be typed with spaces or hyphens between their digits. */
export type OtpAnswer = { readonly email: string; readonly code: string } | { readonly phone: string; readonly defaultCountry?: string; readonly code: string };

/** What a shop's backend says of somebody whom it, or a platform that it trusts, has signed in. Only what is said to be verified counts. */
export interface ExternalClaims {
  readonly email?: string;
  /** Without it, `email` says nothing: an address that nobody proved must not lead into anybody's account. */
  readonly emailVerified?: boolean;
  /** E.164, as in `+4915112345678`. */
  readonly phone?: string;
  readonly phoneVerified?: boolean;
  readonly fullName?: string;
}

/** `POST /auth/external/authorize` (secret key): somebody is signed in there, as `subject` of `issuer`. */
export interface AuthorizeExternalRequest {
  /** The kind of platform, as in `shopify`. */
  readonly provider: string;
  /** Which one of its kind, as in the shop's address. */
  readonly issuer: string;
  /** Who it is there: an id that is never given to anybody else. */
  readonly subject: string;
  /** The S256 challenge of the page that will exchange the code (RFC 7636): base64url of the SHA-256 of its verifier. */
  readonly codeChallenge?: string;
  readonly claims?: ExternalClaims;
}

/** A code for the shopper's page: once, within a minute. Hand it over in the page or by form POST, never in a URL. */
export interface ExternalCode {
  readonly exchangeCode: string;
  readonly expiresAt: string;
}

/** `POST /auth/external/exchange`. */
export interface ExchangeExternalRequest {
  readonly exchangeCode: string;
  /** What `codeChallenge` was made from; needed where one was sent, and where a guest who takes part in something would be linked. */
  readonly codeVerifier?: string;
}

/** `details.reason` of `invalid_exchange_code`. */
export type ExchangeRefusal = "unknown" | "verifier" | "verifier_required";

/** One of the consumer's sessions, as `GET /auth/sessions` lists them. */
export interface SessionSummary {
  readonly id: string;
  readonly createdAt: string;
  readonly lastUsedAt: string;
  readonly expiresAt: string;
  /** Whether it belongs to a key of its device. */
  readonly bound: boolean;
  /** Whether it is the one that asks. */
  readonly current: boolean;
}

/** `GET /auth/sessions`: those that live, the newest first. */
export interface SessionList {
  readonly sessions: readonly SessionSummary[];
}

/** What the consumer may know about a code that was sent. */
export interface OtpChallenge {
  readonly expiresAt: string;
  /** Seconds until another code may be asked for; before, asking again sends nothing and changes nothing. */
  readonly resendAfterSeconds: number;
}
