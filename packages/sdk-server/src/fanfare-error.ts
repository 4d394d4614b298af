import type { FanfareErrorCode, FanfareErrorShape } from "@fanfare-io/fanfare-contract";

const brand = Symbol.for("fanfare.error");

/** The optional parts of a `FanfareError`. */
export interface FanfareErrorFacts {
  readonly status?: number | undefined;
  readonly details?: Readonly<Record<string, unknown>> | undefined;
  readonly requestId?: string | undefined;
  readonly retryable?: boolean | undefined;
  readonly retryAfterSeconds?: number | undefined;
  readonly cause?: unknown;
}

/** The one error this package throws. Branch on `code`, never on `message`; it carries no key and no token. */
export class FanfareError extends Error implements FanfareErrorShape {
  override readonly name = "FanfareError";
  readonly code: FanfareErrorCode;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;
  declare readonly status?: number;
  declare readonly details?: Readonly<Record<string, unknown>>;
  declare readonly requestId?: string;
  declare readonly retryAfterSeconds?: number;

  constructor(code: FanfareErrorCode, message: string, facts: FanfareErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = code;
    this.retryable = facts.retryable ?? false;
    if (facts.status !== undefined) this.status = facts.status;
    if (facts.details !== undefined) this.details = facts.details;
    if (facts.requestId !== undefined) this.requestId = facts.requestId;
    if (facts.retryAfterSeconds !== undefined) this.retryAfterSeconds = facts.retryAfterSeconds;
    Object.defineProperty(this, brand, { value: true });
  }
}

/** Tells a `FanfareError` from anything else, also when two copies of this package are installed. */
export function isFanfareError(value: unknown): value is FanfareError {
  return typeof value === "object" && value !== null && brand in value;
}
