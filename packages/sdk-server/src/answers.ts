import { errorCatalog } from "@fanfare-io/fanfare-contract";
import { FanfareError } from "./fanfare-error.ts";
import type { ErrorCode, FanfareErrorCode } from "@fanfare-io/fanfare-contract";

/** Turns a failed answer into an error: the service's own by its code, anything else (a proxy's page) by its status. */
export function errorFromAnswer(response: Response, text: string): FanfareError {
  const body = parseObject(text);
  const code = body?.["error"];
  if (body === null || typeof code !== "string" || !Object.hasOwn(errorCatalog, code)) return unreadableAnswer(response);
  const definition = errorCatalog[code as ErrorCode];
  const details = body["details"];
  return new FanfareError(code.toUpperCase() as FanfareErrorCode, typeof body["message"] === "string" ? body["message"] : definition.message, {
    status: response.status,
    details: typeof details === "object" && details !== null ? (details as Record<string, unknown>) : undefined,
    requestId: typeof body["requestId"] === "string" ? body["requestId"] : undefined,
    retryable: definition.retry !== "never",
    retryAfterSeconds: retryAfter(response),
  });
}

/** An answer that is not the service's: a proxy's error page, a redirect, a wrong address. */
export function unreadableAnswer(response: Response): FanfareError {
  return new FanfareError("INVALID_RESPONSE", `The service's address answered ${response.status} with something that is not Fanfare's; check \`apiUrl\`.`, {
    status: response.status,
    retryable: response.status >= 500,
    retryAfterSeconds: retryAfter(response),
  });
}

/** A request that got no answer. */
export function errorFromFailure(cause: unknown, timeoutMs: number): FanfareError {
  if (cause instanceof Error && cause.name === "TimeoutError") {
    return new FanfareError("TIMEOUT", `The service did not answer within ${timeoutMs} ms.`, { retryable: true, cause });
  }
  return new FanfareError("NETWORK_ERROR", "The service could not be reached.", { retryable: true, cause });
}

function retryAfter(response: Response): number | undefined {
  const header = response.headers.get("retry-after");
  return header !== null && /^\d{1,6}$/.test(header) ? Number(header) : undefined;
}

/** A JSON object, or null. */
export function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
