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

/** A part of the SDK that is fetched when it is needed did not come. Throws, so that it fits behind an `import()`. */
export function partMissing(cause: unknown): never {
  throw new FanfareError("NETWORK_ERROR", "A part of the SDK could not be loaded; is the device online? If it stays so, reload the page.", {
    retryable: true,
    cause,
  });
}
