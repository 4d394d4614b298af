import type { RequestListener } from "node:http";
import { errorCatalog } from "@fanfare-io/fanfare-contract";
import { DatabaseError } from "../data/database.ts";
import { GroupCommitFull } from "../platform/group-commit.ts";
import type { Log } from "../platform/log.ts";
import type { Metrics } from "../platform/metrics.ts";
import type { Traces } from "../platform/traces.ts";
import { admit } from "./admission.ts";
import type { AdmissionDeps, Exchange } from "./admission.ts";
import { writeAnswer, writeError, writeEvents, writeShared, writeStream } from "./answers.ts";
import type { Answer } from "./endpoint.ts";
import { limitKey } from "./middleware/address.ts";
import type { ReadAddress } from "./middleware/address.ts";
import { checkDeclaredLength, ClientGone } from "./middleware/body.ts";
import { preflightHeaders } from "./middleware/cors.ts";
import { priorityOf } from "./middleware/load-gate.ts";
import { RateLimitedError } from "./middleware/limits.ts";
import type { Allowance } from "./middleware/limits.ts";
import type { Endpoint, FindRoute, PlainDocument } from "./router.ts";
import { ServiceError } from "./service-error.ts";

/** What every request passes through, whatever its route. */
export interface PipelineDeps extends AdmissionDeps {
  readonly find: FindRoute;
  readonly plane: "consumer" | "admin";
  readonly readAddress: ReadAddress;
  readonly newRequestId: () => string;
  readonly log: Log;
  readonly metrics: Pick<Metrics, "begin" | "answered" | "refused">;
  /** Null where nobody listens. */
  readonly traces: Pick<Traces, "request"> | null;
  readonly now: () => number;
  /** Whether each request becomes a line of the log: with millions of polls a line each says nothing. */
  readonly logRequests: boolean;
  /** Checks each answer against its schema: tests and development. */
  readonly validateAnswers: boolean;
}

/**
 * One request through the house: route, key, origin, consumer, limits, body, handler, answer. There is no second path for the hot
 * routes; what they do not need costs them one comparison.
 */
export function createPipeline(deps: PipelineDeps): RequestListener {
  return (request, response) => {
    const url = request.url ?? "/";
    const mark = url.indexOf("?");
    const exchange: Exchange = {
      request,
      response,
      requestId: deps.newRequestId(),
      address: deps.readAddress(request),
      queryText: mark === -1 ? "" : url.slice(mark + 1),
      origin: undefined,
      nonce: deps.plane === "consumer" ? deps.proving.nonce() : undefined,
      allowance: null,
      isCrowded: false,
      isInside: false,
      status: 0,
    };
    const served = serve(deps, exchange, mark === -1 ? url : url.slice(0, mark)).catch((error: unknown) => fail(deps, exchange, error));
    if (deps.logRequests) reportWhenDone(deps, exchange, served);
  };
}

async function serve(deps: PipelineDeps, exchange: Exchange, path: string): Promise<void> {
  const { request } = exchange;
  const method = request.method ?? "GET";
  // RFC 9112 §3.2; the engine would refuse it with an empty body.
  if (request.headers.host === undefined && request.httpVersion === "1.1") throw new ServiceError("validation_error", { message: "Send a Host header." });
  if (method === "OPTIONS") return answerOptions(deps, exchange, path);
  // A page may read why it was refused: its origin is checked once the organization is known.
  if (deps.plane === "consumer") exchange.origin = request.headers.origin;
  const match = deps.find(method, path);
  if ("allowed" in match) return refuseRoute(deps, exchange, match.allowed);
  if (match.target.kind === "document") return answerDocument(exchange, match.target.document, match.params);
  checkDeclaredLength(request);
  const { endpoint } = match.target;
  const priority = priorityOf(endpoint.name);
  if (deps.plane === "consumer") deps.gate.check(priority);
  try {
    if (deps.traces === null) await answerEndpoint(deps, exchange, endpoint, match.params, path);
    else await traceEndpoint(deps.traces, exchange, endpoint, () => answerEndpoint(deps, exchange, endpoint, match.params, path));
  } finally {
    if (exchange.isInside) deps.gate.leave(priority);
  }
}

function traceEndpoint(traces: Pick<Traces, "request">, { request, requestId }: Exchange, { route }: Endpoint, answer: () => Promise<number>): Promise<void> {
  return traces.request({ method: route.method, route: route.path, requestId, headers: request.headers }, answer);
}

/** Answers with the status. */
async function answerEndpoint(
  deps: PipelineDeps,
  exchange: Exchange,
  endpoint: Endpoint,
  params: Readonly<Record<string, string>>,
  path: string,
): Promise<number> {
  const { request, response } = exchange;
  const begunAt = deps.metrics.begin();
  const call = await admit(deps, exchange, endpoint, params, path);
  const answered = endpoint.handle(call);
  const answer = answered instanceof Promise ? await answered : answered;
  deps.metrics.answered(endpoint.name, begunAt);
  if (answer.shared !== undefined) {
    exchange.status = 200;
    writeShared(response, answer.shared, request.headers["if-none-match"]);
    return exchange.status;
  }
  if (answer.stream !== undefined) {
    exchange.status = 200;
    await writeStream(response, answer.stream, exchange);
    return exchange.status;
  }
  if (answer.events !== undefined) {
    exchange.status = 200;
    writeEvents(response, answer.events, exchange);
    return exchange.status;
  }
  if (deps.validateAnswers && endpoint.schemas.answer !== undefined) checkAnswer(endpoint, answer);
  exchange.status = answer.status ?? endpoint.route.success;
  writeAnswer(response, exchange.status, answer, exchange);
  return exchange.status;
}

function answerOptions(deps: PipelineDeps, exchange: Exchange, path: string): void {
  exchange.status = 204;
  const match = deps.find("OPTIONS", path);
  const allow = "allowed" in match ? match.allowed : [];
  const headers = ["X-Request-Id", exchange.requestId, "Allow", [...allow, "OPTIONS"].join(", ")];
  exchange.response.writeHead(204, deps.plane === "consumer" ? [...headers, ...preflightHeaders.slice(0, -2)] : headers);
  exchange.response.end();
}

const toAnybody: readonly string[] = ["Access-Control-Allow-Origin", "*"];

async function answerDocument(exchange: Exchange, document: PlainDocument, params: Readonly<Record<string, string>>): Promise<void> {
  const { bytes, cacheControl, contentType = "application/json", headers: own = toAnybody } = await document.answer({ request: exchange.request, params });
  exchange.status = 200;
  const headers = [...own, "X-Content-Type-Options", "nosniff", "Cache-Control", cacheControl, "X-Request-Id", exchange.requestId];
  exchange.response.writeHead(200, [...headers, "Content-Type", contentType, "Content-Length", String(bytes.length)]);
  exchange.response.end(bytes);
}

function refuseRoute(deps: PipelineDeps, exchange: Exchange, allowed: readonly string[]): void {
  exchange.allowance = countRefused(deps, exchange);
  const error = new ServiceError(allowed.length === 0 ? "not_found" : "method_not_allowed");
  exchange.status = allowed.length === 0 ? 404 : 405;
  writeError(exchange.response, error, exchange, allowed.length === 0 ? {} : { Allow: [...allowed, "OPTIONS"].join(", ") });
}

function checkAnswer(endpoint: Endpoint, answer: Answer): void {
  const result = endpoint.schemas.answer?.safeParse(answer.body);
  if (result?.success === false) throw new Error(`The answer of ${endpoint.name} breaks the contract: ${result.error.message}`);
}

/** What was refused before its limit was known counts too and says what is left; the refusal stays the one that it was. */
function countRefused(deps: PipelineDeps, exchange: Exchange): Allowance | null {
  try {
    return deps.limits.take("public", limitKey(exchange.address));
  } catch (error) {
    if (error instanceof RateLimitedError) return error.allowance;
    throw error;
  }
}

function fail(deps: PipelineDeps, exchange: Exchange, error: unknown): void {
  if (error instanceof ClientGone || exchange.response.headersSent) {
    exchange.response.destroy();
    return;
  }
  const refusal = toRefusal(deps, exchange, error);
  if (refusal.details?.["reason"] === "key")
    deps.log.warn(
      { requestId: exchange.requestId, address: exchange.address },
      "A bound session was used with another key: its tokens were copied. It stands.",
    );
  if (refusal instanceof RateLimitedError) exchange.allowance = refusal.allowance;
  exchange.allowance ??= countRefused(deps, exchange);
  exchange.status = errorCatalog[refusal.code].status;
  deps.metrics.refused(refusal.code);
  writeError(exchange.response, refusal, exchange);
}

// Out of reach, out of time or out of room: the statement may succeed later, and the request did nothing wrong.
const passing = /^(?:connection|08|40001|40P01|53|55P03|57)/;

function toRefusal(deps: PipelineDeps, exchange: Exchange, error: unknown): ServiceError {
  if (error instanceof ServiceError) return error;
  // It was let in while there was room, which others took before its body was read.
  if (error instanceof GroupCommitFull) return new ServiceError("service_overloaded", { retryAfterSeconds: 2 });
  if (error instanceof DatabaseError && passing.test(error.code)) {
    deps.log.warn({ requestId: exchange.requestId, error }, "The database could not take a request.");
    return new ServiceError("service_unavailable", { retryAfterSeconds: 2 });
  }
  deps.log.error({ requestId: exchange.requestId, error }, "A request failed.");
  return new ServiceError("internal_error");
}

function reportWhenDone(deps: PipelineDeps, exchange: Exchange, served: Promise<void>): void {
  const { requestId, request, address } = exchange;
  const began = deps.now();
  const report = (): void => {
    if (exchange.status === 0) return;
    const facts = {
      requestId,
      method: request.method,
      path: request.url?.split("?", 1)[0],
      status: exchange.status,
      address,
      milliseconds: deps.now() - began,
    };
    deps.log.debug(facts, "Answered.");
  };
  void served.then(report);
}
