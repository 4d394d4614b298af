import type { ErrorBody, FanfareErrorCode } from "@fanfare-io/fanfare-contract";
import { ignore } from "../lib/ignore.ts";
import { FanfareError, unexpectedAnswer } from "./fanfare-error.ts";
import { isRetryable } from "./retry.ts";

/** Reads an answer: the body of a success, or a `FanfareError` thrown. `undefined` for a success without a body. */
export async function readAnswer(response: Response, path: string, nowMs: number): Promise<unknown> {
  const body = await readJson(response);
  if (response.ok) {
    if (body === undefined && response.status !== 204) throw unexpectedAnswer(path, response.status);
    return body;
  }
  throw errorOf(response, body as Partial<ErrorBody> | undefined, nowMs);
}

async function readJson(response: Response): Promise<unknown> {
  const text = await response.text();
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    ignore("a proxy's error page; the status speaks for it");
    return undefined;
  }
}

function errorOf(response: Response, body: Partial<ErrorBody> | undefined, nowMs: number): FanfareError {
  const known = typeof body?.error === "string";
  const details = body?.issues ? { ...body.details, issues: body.issues } : body?.details;
  return new FanfareError(
    (known ? body.error.toUpperCase() : "INVALID_RESPONSE") as FanfareErrorCode,
    (known && body.message) || `The answer (${response.status}) is not the service's own; is apiUrl right?`,
    {
      status: response.status,
      details,
      requestId: body?.requestId ?? response.headers.get("x-request-id") ?? undefined,
      retryable: isRetryable(response.status),
      retryAfterSeconds: retryAfterSeconds(response.headers.get("retry-after"), nowMs),
    },
  );
}

/** `Retry-After` in seconds, from either of its two forms (RFC 9110 §10.2.3). */
export function retryAfterSeconds(header: string | null, nowMs: number): number | undefined {
  if (!header) return undefined;
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - nowMs) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined;
}
