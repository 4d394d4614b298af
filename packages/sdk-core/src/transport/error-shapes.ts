import type { FanfareErrorShape } from "@fanfare-io/fanfare-contract";
import { FanfareError } from "./error-class.ts";

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
