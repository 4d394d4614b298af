import type { ErrorCode } from "./errors.ts";

/** Codes that exist in SDKs only: configuration, the network, and calls that cannot be made now. */
export type SdkErrorCode =
  | "INVALID_CONFIG"
  | "MISSING_ORGANIZATION_ID"
  | "MISSING_PUBLISHABLE_KEY"
  | "SECRET_KEY_IN_BROWSER"
  | "MISSING_SECRET_KEY"
  | "MISSING_PROVIDER"
  | "NETWORK_ERROR"
  | "TIMEOUT"
  | "INVALID_RESPONSE"
  | "ALREADY_IDENTIFIED"
  | "NOT_AUTHENTICATED"
  | "SESSION_ENDED"
  | "UNSUPPORTED_MECHANISM"
  | "DESTROYED";

/** A catalog code in upper case (`INVALID_OTP`), or one that only SDKs raise. */
export type FanfareErrorCode = Uppercase<ErrorCode> | SdkErrorCode;

/** What every error that an SDK throws or reports carries (contract §2). */
export interface FanfareErrorShape extends Error {
  readonly code: FanfareErrorCode;
  readonly status?: number;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly requestId?: string;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;
  readonly retryAfterSeconds?: number;
}
