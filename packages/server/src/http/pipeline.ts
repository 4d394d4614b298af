import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { errorCatalog } from "@fanfare-io/fanfare-contract";
import type { RouteName, SecurityEventKind } from "@fanfare-io/fanfare-contract";
import { DatabaseError } from "../data/database.ts";
import type { Audit, NotedEvent } from "../jobs/audit.ts";
import { GroupCommitFull } from "../platform/group-commit.ts";
import type { Log } from "../platform/log.ts";
import type { Metrics } from "../platform/metrics.ts";
import type { AnswerContext } from "./answers.ts";
import { writeAnswer, writeError, writeShared } from "./answers.ts";
import type { Answer, Call, Caller, Tenant } from "./endpoint.ts";
import { limitKey } from "./middleware/address.ts";
import type { ReadAddress } from "./middleware/address.ts";
import { checkDeclaredLength, ClientGone, readJson } from "./middleware/body.ts";
import { allowsOrigin, preflightHeaders } from "./middleware/cors.ts";
import { accessTokenOf, noTenant } from "./middleware/credentials.ts";
import type { Credentials, Shown } from "./middleware/credentials.ts";
import type { Proving, ShownProof } from "./middleware/proving.ts";
import type { SpentProofs } from "./middleware/spent-proofs.ts";
import { RateLimitedError } from "./middleware/limits.ts";
import type { Allowance, Limits } from "./middleware/limits.ts";
import { validate } from "./middleware/validation.ts";
import type { Endpoint, FindRoute, PlainDocument } from "./router.ts";
import { ServiceError } from "./service-error.ts";

/** What every request passes through, whatever its route. */
export interface PipelineDeps {
  readonly find: FindRoute;
  readonly plane: "consumer" | "admin";
  readonly credentials: Credentials;
  readonly proving: Proving;
  readonly spentProofs: SpentProofs;
  readonly audit: Pick<Audit, "note">;
  readonly limits: Limits;
  readonly readAddress: ReadAddress;
  readonly newRequestId: () => string;
  readonly log: Log;
  readonly metrics: Pick<Metrics, "begin" | "answered" | "refused">;
  readonly now: () => number;
  /** Whether each request becomes a line of the log: with millions of polls a line each says nothing. */
  readonly logRequests: boolean;
  /** Checks each answer against its schema: tests and development. */
  readonly validateAnswers: boolean;
}

interface Exchange extends AnswerContext {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly address: string;
  readonly queryText: string;
  status: number;
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
      status: 0,
    };
    const served = serve(deps, exchange, mark === -1 ? url : url.slice(0, mark)).catch((error: unknown) => fail(deps, exchange, error));
    if (deps.logRequests) reportWhenDone(deps, exchange, served);
  };
}

async function serve(deps: PipelineDeps, exchange: Exchange, path: string): Promise<void> {
  const { request, response } = exchange;
  const method = request.method ?? "GET";
  // RFC 9112 §3.2; the engine would refuse it with an empty body.
  if (request.headers.host === undefined && request.httpVersion === "1.1") throw new ServiceError("validation_error", { message: "Send a Host header." });
  if (method === "OPTIONS") return answerOptions(deps, exchange, path);
  // A page may read why it was refused: its origin is checked once the organization is known.
  if (deps.plane === "consumer") exchange.origin = request.headers.origin;
  const match = deps.find(method, path);
  if ("allowed" in match) return refuseRoute(deps, exchange, match.allowed);
  if (match.target.kind === "document") return answerDocument(exchange, match.target.document);
  checkDeclaredLength(request);
  const { endpoint } = match.target;
  const begunAt = deps.metrics.begin();
  const call = await admit(deps, exchange, endpoint, match.params, path);
  const answered = endpoint.handle(call);
  const answer = answered instanceof Promise ? await answered : answered;
  deps.metrics.answered(endpoint.name, begunAt);
  if (answer.shared !== undefined) {
    exchange.status = 200;
    return writeShared(response, answer.shared, request.headers["if-none-match"]);
  }
  if (deps.validateAnswers && endpoint.schemas.answer !== undefined) checkAnswer(endpoint, answer);
  exchange.status = answer.status ?? endpoint.route.success;
  return writeAnswer(response, exchange.status, answer, exchange);
}

/** From credentials to a validated call. The cheap refusals come first: nobody's body is read before their key and limits are known. */
async function admit(
  deps: PipelineDeps,
  exchange: Exchange,
  endpoint: Endpoint,
  params: Readonly<Record<string, string>>,
  path: string,
): Promise<Call<RouteName>> {
  const { request } = exchange;
  const { auth, method } = endpoint.route;
  const query = exchange.queryText === "" ? null : new URLSearchParams(exchange.queryText);
  const shown: Shown = {
    publishableKey: (request.headers["x-publishable-key"] as string | undefined) ?? (method === "GET" ? (query?.get("pk") ?? undefined) : undefined),
    authorization: request.headers.authorization,
    queueId: params["queueId"],
    // Guessing keys costs the database a look-up each, and comes before any other limit.
    beforeLookUp: () => void (exchange.allowance = deps.limits.take("public", limitKey(exchange.address))),
  };
  const named = deps.credentials.tenant(auth, shown);
  const tenant = named instanceof Promise ? await named : named;
  checkOrigin(exchange, endpoint, tenant);
  const caller = callerFor(deps, endpoint, tenant, shown);
  // Before the allowance: a stranger with a copied token must not use up its owner's.
  const jti = caller === null ? null : demandHolder(deps, exchange, tenant, caller, shown, path);
  exchange.allowance = takeAllowance(deps, exchange, endpoint, tenant, caller);
  if (endpoint.route.once === true && caller !== null && jti !== null) await spend(deps, exchange, tenant, caller, jti);
  checkParams(params);
  return {
    requestId: exchange.requestId,
    params,
    query: endpoint.schemas.query === undefined ? undefined : validate(endpoint.schemas.query, readQuery(query), ["query"]),
    body: endpoint.schemas.body === undefined ? undefined : await readBody(exchange, endpoint),
    address: exchange.address,
    headers: request.headers,
    tenant,
    caller,
    provedKey: provedKeyFor(deps, exchange, endpoint, caller, path),
  } as Call<RouteName>;
}

function callerFor(deps: PipelineDeps, endpoint: Endpoint, tenant: Tenant, shown: Shown): Caller | null {
  try {
    return deps.credentials.caller(endpoint.route.auth, tenant, shown);
  } catch (error) {
    // Ending a session that has ended is no error (contract §4: always idempotent); the refresh token in the body may still name one.
    if (endpoint.name === "logout" && error instanceof ServiceError) return null;
    throw error;
  }
}

/** Whoever calls in the name of a bound session proves its key; answers the proof's `jti`. Failing that costs the address, never the consumer. */
function demandHolder(deps: PipelineDeps, exchange: Exchange, tenant: Tenant, caller: Caller, shown: Shown, path: string): string | null {
  if (caller.keyThumbprint === null) return null;
  try {
    return deps.proving.demand(caller.keyThumbprint, shownProof(exchange, path, accessTokenOf(shown.authorization)));
  } catch (error) {
    if (error instanceof ServiceError && error.details?.["reason"] === "key") deps.audit.note(eventOf("wrong_key", exchange, tenant, caller));
    exchange.allowance = deps.limits.take("public", limitKey(exchange.address));
    throw error;
  }
}

/** On a route where twice is not once, a proof is good for one request. */
async function spend(deps: PipelineDeps, exchange: Exchange, tenant: Tenant, caller: Caller, jti: string): Promise<void> {
  try {
    await deps.spentProofs.spend({ organizationId: tenant.id, thumbprint: caller.keyThumbprint as string, jti });
  } catch (error) {
    if (error instanceof ServiceError) deps.audit.note(eventOf("proof_replayed", exchange, tenant, caller));
    throw error;
  }
}

function eventOf(kind: SecurityEventKind, { address, requestId }: Exchange, tenant: Tenant, caller: Caller): NotedEvent {
  return { kind, organizationId: tenant.id, consumerId: caller.consumerId, sessionId: caller.sessionId, address, requestId };
}

/** The key of a proof without an access token, on routes that take one. */
function provedKeyFor(deps: PipelineDeps, exchange: Exchange, endpoint: Endpoint, caller: Caller | null, path: string): string | null {
  if (endpoint.route.proof !== true || exchange.request.headers["dpop"] === undefined) return null;
  return caller?.keyThumbprint ?? deps.proving.prove(shownProof(exchange, path, null));
}

function shownProof({ request }: Exchange, path: string, accessToken: string | null): ShownProof {
  return {
    proof: request.headers["dpop"] as string | undefined,
    method: request.method ?? "GET",
    path,
    ...(accessToken === null ? {} : { accessToken }),
  };
}

function checkOrigin(exchange: Exchange, endpoint: Endpoint, tenant: Tenant): void {
  if (exchange.origin === undefined || tenant === noTenant || endpoint.name === "getQueue") return;
  // A secret key has no business in a page, so no page gets to read what it would do there.
  if (endpoint.route.auth === "secret") exchange.origin = undefined;
  else if (!allowsOrigin(tenant, exchange.origin)) throw new ServiceError("origin_not_allowed", { details: { origin: exchange.origin.slice(0, 300) } });
}

function takeAllowance(deps: PipelineDeps, exchange: Exchange, endpoint: Endpoint, tenant: Tenant, caller: Caller | null): Allowance | null {
  const { auth } = endpoint.route;
  const address = limitKey(exchange.address);
  // Answers that are the same for everyone carry no headers of one requester, and caches answer most of them. Only what is not there
  // counts, as any refusal does: each made-up id asks the database.
  if (endpoint.name === "getQueue") {
    deps.limits.check("public", address);
    return null;
  }
  if (caller !== null) return deps.limits.take("consumer", `${tenant.id}\0${caller.consumerId}`);
  if (endpoint.name === "createGuest") return deps.limits.take("guest", address);
  return deps.limits.take(auth === "secret" || auth === "operator" ? "secret" : "public", address);
}

/** What is too long or holds a NUL is the id of nothing, and is not worth asking the database about. */
function checkParams(params: Readonly<Record<string, string>>): void {
  for (const name in params) {
    const value = params[name] as string;
    if (value.length > 80 || value.includes("\0")) throw new ServiceError("not_found");
  }
}

function readQuery(query: URLSearchParams | null): Record<string, string> {
  const values = query === null ? {} : Object.fromEntries(query);
  // The key's place in a query, not a field of it.
  delete values["pk"];
  return values;
}

async function readBody(exchange: Exchange, endpoint: Endpoint): Promise<unknown> {
  const { body: schema, bodyOptional } = endpoint.schemas;
  const value = await readJson(exchange.request);
  if (value === undefined && !bodyOptional) throw new ServiceError("malformed_json", { message: "The body is empty; send JSON." });
  return schema === undefined ? undefined : validate(schema, value ?? {});
}

function answerOptions(deps: PipelineDeps, exchange: Exchange, path: string): void {
  exchange.status = 204;
  const match = deps.find("OPTIONS", path);
  const allow = "allowed" in match ? match.allowed : [];
  const headers = ["X-Request-Id", exchange.requestId, "Allow", [...allow, "OPTIONS"].join(", ")];
  exchange.response.writeHead(204, deps.plane === "consumer" ? [...headers, ...preflightHeaders.slice(0, -2)] : headers);
  exchange.response.end();
}

async function answerDocument(exchange: Exchange, document: PlainDocument): Promise<void> {
  const { bytes, cacheControl, contentType = "application/json" } = await document.answer();
  exchange.status = 200;
  const headers = ["Access-Control-Allow-Origin", "*", "X-Content-Type-Options", "nosniff", "Cache-Control", cacheControl, "X-Request-Id", exchange.requestId];
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
  if (error instanceof GroupCommitFull) return new ServiceError("service_unavailable", { retryAfterSeconds: 2 });
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
