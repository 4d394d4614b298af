import type { FanfareErrorCode, FanfareErrorShape } from "@fanfare-io/fanfare-contract";

/** What an error is made of; see {@link FanfareErrorShape}. */
export interface FanfareErrorFacts {
  readonly status?: number | undefined;
  readonly details?: Readonly<Record<string, unknown>> | undefined;
  readonly requestId?: string | undefined;
  readonly retryable?: boolean | undefined;
  readonly retryAfterSeconds?: number | undefined;
  readonly cause?: unknown;
}

/**
 * Every error that this SDK throws or reports. Switch on `code`; messages are for people and may change.
 *
 * Never holds a token, a code, an e-mail or a phone number (rule A6).
 */
export class FanfareError extends Error implements FanfareErrorShape {
  override readonly name = "FanfareError";
  readonly code: FanfareErrorCode;
  declare readonly status?: number;
  declare readonly details?: Readonly<Record<string, unknown>>;
  declare readonly requestId?: string;
  readonly retryable: boolean;
  declare readonly retryAfterSeconds?: number;

  constructor(code: FanfareErrorCode, message: string, facts: FanfareErrorFacts = {}) {
    const { cause, retryable, ...rest } = facts;
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.retryable = retryable ?? false;
    for (const [key, value] of Object.entries(rest)) {
      if (value !== undefined) Object.defineProperty(this, key, { value, enumerable: true });
    }
  }
}

/** Tells our errors from others by name and code, so that two copies of the SDK on a page understand each other. */
export function isFanfareError(error: unknown): error is FanfareErrorShape {
  return error instanceof Error && error.name === "FanfareError" && "code" in error;
}

/** The service, or something that answers in its place, said what the contract does not know. */
export function unexpectedAnswer(to: string, status?: number): FanfareError {
  return new FanfareError("INVALID_RESPONSE", `Unexpected answer to ${to}; is apiUrl right?`, { status });
}

/** The error itself if it is ours, else one that carries it as its cause. */
export function toFanfareError(error: unknown): FanfareErrorShape {
  return isFanfareError(error) ? error : new FanfareError("INVALID_RESPONSE", "Something unexpected; `cause` has it.", { cause: error });
}
