import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { errorCatalog } from "@fanfare-io/fanfare-contract";
import type { ErrorBody } from "@fanfare-io/fanfare-contract";
import type { Answer } from "./endpoint.ts";
import { exposedHeaders } from "./middleware/cors.ts";
import type { Allowance } from "./middleware/limits.ts";
import type { ServiceError } from "./service-error.ts";

/** What is known of a request when its answer is written. */
export interface AnswerContext {
  readonly requestId: string;
  /** The origin of the page that may read the answer. */
  origin: string | undefined;
  allowance: Allowance | null;
  /** For `DPoP-Nonce`, so that the next proof need not be asked for twice. */
  readonly nonce: string | undefined;
}

// Said on every answer, in the flat form that Node writes without looking at it again.
const security: readonly string[] = [
  "X-Content-Type-Options",
  "nosniff",
  "Referrer-Policy",
  "no-referrer",
  "Content-Security-Policy",
  "default-src 'none'; frame-ancestors 'none'",
  "Cross-Origin-Resource-Policy",
  "cross-origin",
];
const privateAnswer: readonly string[] = [...security, "Cache-Control", "no-store", "Vary", "Origin"];

/** Writes what a handler answered. */
export function writeAnswer(response: ServerResponse, status: number, answer: Answer, context: AnswerContext): void {
  // Text and not bytes: Node joins it to the head and writes both at once.
  const text = answer.body === undefined ? "" : JSON.stringify(answer.body);
  const headers = headersOf(context);
  if (answer.headers !== undefined) for (const [name, value] of Object.entries(answer.headers)) headers.push(name, value);
  // RFC 9110: a 204 has no length either.
  if (status !== 204) headers.push("Content-Length", String(Buffer.byteLength(text)));
  if (text !== "") headers.push("Content-Type", "application/json");
  response.writeHead(status, headers);
  response.end(text === "" ? undefined : text);
}

/** Writes JSON piece by piece, as fast as the client reads it. The first piece is made before anything is promised, so that it may be refused. */
export async function writeStream(response: ServerResponse, pieces: AsyncIterable<string>, context: AnswerContext): Promise<void> {
  for await (const piece of pieces) {
    if (!response.headersSent) response.writeHead(200, [...headersOf(context), "Content-Type", "application/json"]);
    if (response.destroyed) return;
    if (!response.write(piece)) await Promise.race([once(response, "drain"), once(response, "close")]);
  }
  response.end();
}

// An event is half a kilobyte: who has left so many of them unread is not there.
const mostUnreadBytes = 32_768;

/** Begins to write events. Proxies are asked not to hold them back; one that does so all the same shows as a stream without a first event. */
export function writeEvents(response: ServerResponse, events: NonNullable<Answer["events"]>, context: AnswerContext): void {
  response.writeHead(200, [...headersOf(context), "Content-Type", "text/event-stream", "X-Accel-Buffering", "no"]);
  const close = events({
    send: (text) => void (response.writableLength > mostUnreadBytes ? response.destroy() : response.write(text)),
    end: () => response.end(),
  });
  // Who asks for the head alone hears no event, and would wait for the end.
  if (response.req.method === "HEAD") response.end();
  if (response.destroyed) close();
  else response.once("close", close);
}

/** Writes an error of the catalog, in the one shape (contract §4). */
export function writeError(response: ServerResponse, error: ServiceError, context: AnswerContext, extra: Readonly<Record<string, string>> = {}): void {
  const definition = errorCatalog[error.code];
  const body: ErrorBody = {
    error: error.code,
    message: error.message,
    ...(error.details === undefined ? {} : { details: error.details }),
    ...(error.issues === undefined ? {} : { issues: error.issues }),
    requestId: context.requestId,
  };
  const headers: Record<string, string> = { ...extra };
  if (definition.retry === "after" || error.retryAfterSeconds !== undefined)
    headers["Retry-After"] = String(Math.max(1, Math.ceil(error.retryAfterSeconds ?? 1)));
  if (definition.status === 401) {
    const scheme = error.code.includes("dpop") ? 'DPoP algs="ES256", ' : "Bearer ";
    headers["WWW-Authenticate"] = `${scheme}realm="fanfare", error="${error.code}"`;
  }
  writeAnswer(response, definition.status, { body, headers }, context);
}

/** Writes bytes that are the same for everyone: nothing in the headers tells one request from another, so that caches may share them. */
export function writeShared(response: ServerResponse, shared: NonNullable<Answer["shared"]>, ifNoneMatch: string | undefined): void {
  // Two organizations may give their queues the same id, so that without the key a shared cache would show one's line to the other (I7).
  const headers = [...security, "Vary", "X-Publishable-Key", "Access-Control-Allow-Origin", "*", "Cache-Control", shared.cacheControl, "ETag", shared.etag];
  if (ifNoneMatch !== undefined && (ifNoneMatch === "*" || ifNoneMatch.split(",").some((tag) => tag.trim().replace(/^W\//, "") === shared.etag))) {
    response.writeHead(304, headers);
    response.end();
    return;
  }
  headers.push("Content-Type", "application/json", "Content-Length", String(shared.bytes.length));
  response.writeHead(200, headers);
  response.end(shared.bytes);
}

function headersOf(context: AnswerContext): string[] {
  const headers = [...privateAnswer, "X-Request-Id", context.requestId];
  if (context.origin !== undefined) headers.push("Access-Control-Allow-Origin", context.origin, "Access-Control-Expose-Headers", exposedHeaders);
  const { allowance, nonce } = context;
  if (nonce !== undefined) headers.push("DPoP-Nonce", nonce);
  if (allowance !== null) {
    headers.push(
      "X-RateLimit-Limit",
      String(allowance.limit),
      "X-RateLimit-Remaining",
      String(allowance.remaining),
      "X-RateLimit-Reset",
      String(allowance.resetSeconds),
    );
  }
  return headers;
}
