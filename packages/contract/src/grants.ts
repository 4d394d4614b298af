import type { Mechanism } from "./session.ts";

/** `POST /grants/presentation`: asks for a token that a shop's backend can check. */
export interface PresentationRequest {
  readonly distributionId: string;
  /** A nonce of the shop, returned inside the token. */
  readonly nonce?: string;
}

/** A presentation of a grant: a signed token that lives 120 s. A newer one voids it (contract §6). */
export interface Presentation {
  readonly token: string;
  readonly tokenExpiresAt: string;
  readonly grantId: string;
  /** When the grant itself ends. */
  readonly expiresAt: string;
  /** Where the operator allows more time, and some is left to ask for. */
  readonly extension?: GrantExtension;
}

/** More time that the holder of a grant may ask for. */
export interface GrantExtension {
  /** How often still. */
  readonly left: number;
  /** Seconds each time. */
  readonly seconds: number;
}

/** `POST /grants/extend`: the shopper asks for more time, before the turn ends. */
export interface ExtendGrantRequest {
  readonly distributionId: string;
}

/** The grant as it ends now. */
export interface ExtendedGrant {
  readonly grantId: string;
  readonly expiresAt: string;
  readonly extension?: GrantExtension;
}

/** `POST /grants/validate`. */
export interface ValidateGrantRequest {
  readonly token: string;
  readonly nonce?: string;
}

/** An open hold: the shop may take payment until `heldUntil`. */
export interface Redemption {
  readonly redemptionId: string;
  readonly grantId: string;
  readonly consumerId: string;
  readonly experienceId: string;
  readonly distributionId: string;
  readonly mechanism: Mechanism;
  readonly heldUntil: string;
}

/** `POST /grants/complete`. */
export interface CompleteGrantRequest {
  readonly redemptionId: string;
  readonly orderId: string;
  /** Decimal string. */
  readonly orderAmount?: string;
}

/** Proof that exactly this order used the grant. The same order asked again gets the same receipt (I5). */
export interface GrantReceipt {
  readonly receiptId: string;
  readonly redemptionId: string;
  readonly grantId: string;
  readonly consumerId: string;
  readonly experienceId: string;
  readonly distributionId: string;
  readonly mechanism: Mechanism;
  readonly orderId: string;
  readonly orderAmount: string | null;
  readonly completedAt: string;
}

/** `POST /grants/release`: gives a hold back after a failed payment. */
export interface ReleaseGrantRequest {
  readonly redemptionId: string;
}

/** After a release the shopper still has the grant until `expiresAt`. */
export interface ReleasedGrant {
  readonly grantId: string;
  readonly status: "active";
  readonly expiresAt: string;
}

/** Claims of a presentation, beside `iss`, `aud` (organization), `sub` (consumer), `jti`, `iat` and `exp`. */
export interface PresentationClaims {
  readonly grantId: string;
  readonly experienceId: string;
  readonly distributionId: string;
  readonly mechanism: Mechanism;
  readonly nonce?: string;
}
