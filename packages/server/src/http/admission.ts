import type { IncomingMessage, ServerResponse } from "node:http";
import type { RouteName, SecurityEventKind } from "@fanfare-io/fanfare-contract";
import type { QueueKey } from "../data/queue-entries.ts";
import type { Audit, NotedEvent } from "../jobs/audit.ts";
import type { AnswerContext } from "./answers.ts";
import type { Call, Caller, Tenant } from "./endpoint.ts";
import { limitKey } from "./middleware/address.ts";
import { readJson } from "./middleware/body.ts";
import { allowsOrigin } from "./middleware/cors.ts";
import { accessTokenOf, noTenant } from "./middleware/credentials.ts";
import type { Credentials, Shown } from "./middleware/credentials.ts";
import { priorityOf } from "./middleware/load-gate.ts";
import type { LoadGate } from "./middleware/load-gate.ts";
import type { Allowance, Limits } from "./middleware/limits.ts";
import type { Proving, ShownProof } from "./middleware/proving.ts";
import type { SpentProofs } from "./middleware/spent-proofs.ts";
import { validate } from "./middleware/validation.ts";
import type { Endpoint } from "./router.ts";
import { ServiceError } from "./service-error.ts";

/** What decides whether a request becomes a call. */
export interface AdmissionDeps {
  readonly credentials: Credentials;
  readonly proving: Proving;
  readonly spentProofs: SpentProofs;
  readonly audit: Pick<Audit, "note">;
  readonly limits: Limits;
  readonly gate: LoadGate;
  /** Whether what this route writes would be written in good time; true where it writes nothing in batches, or the consumer has a place already. */
  readonly hasRoom: (name: RouteName, queue: QueueKey, consumerId: string | undefined) => boolean;
}

/** One request with what is known of it so far. */
export interface Exchange extends AnswerContext {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly address: string;
  readonly queryText: string;
  /** Whether more guests of this address came within the minute than come without work. */
  isCrowded: boolean;
  /** Whether the load gate counts it. */
  isInside: boolean;
  status: number;
}

/**
 * From credentials to a validated call. The cheap refusals come first: nobody's proof is checked nor body read before their key and limits
 * are known, and there is room for what they want.
 */
export async function admit(
  deps: AdmissionDeps,
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
    queueId: params["queueId"] ?? params["drawId"],
    // Guessing keys costs the database a look-up each, and comes before any other limit.
    beforeLookUp: () => void (exchange.allowance = deps.limits.take("public", limitKey(exchange.address))),
  };
  const named = deps.credentials.tenant(auth, shown);
  const tenant = named instanceof Promise ? await named : named;
  checkOrigin(exchange, endpoint, tenant);
  const caller = callerFor(deps, endpoint, tenant, shown);
  deps.gate.demandRoom(deps.hasRoom(endpoint.name, { organizationId: tenant.id, queueId: params["queueId"] ?? params["drawId"] ?? "" }, caller?.consumerId));
  // Before the allowance: a stranger with a copied token must not use up its owner's.
  const jti = caller === null ? null : demandHolder(deps, exchange, tenant, caller, shown, path);
  exchange.allowance = takeAllowance(deps, exchange, endpoint, tenant, caller);
  checkParams(params);
  const asked = {
    query: endpoint.schemas.query === undefined ? undefined : validate(endpoint.schemas.query, readQuery(query), ["query"]),
    body: endpoint.schemas.body === undefined ? undefined : await readBody(exchange, endpoint),
  };
  if (endpoint.route.plane === "consumer") {
    deps.gate.enter(priorityOf(endpoint.name));
    exchange.isInside = true;
  }
  if (endpoint.route.once === true && caller !== null && jti !== null) await spend(deps, exchange, tenant, caller, jti);
  return {
    requestId: exchange.requestId,
    params,
    ...asked,
    address: exchange.address,
    headers: request.headers,
    tenant,
    caller,
    provedKey: provedKeyFor(deps, exchange, endpoint, caller, path),
    isCrowded: exchange.isCrowded,
  } as Call<RouteName>;
}

/** Routes that answer the same bytes to everyone. */
function isShared({ name }: Endpoint): boolean {
  return name === "getQueue" || name === "getDraw";
}

function callerFor(deps: AdmissionDeps, endpoint: Endpoint, tenant: Tenant, shown: Shown): Caller | null {
  try {
    return deps.credentials.caller(endpoint.route.auth, tenant, shown);
  } catch (error) {
    // Ending a session that has ended is no error (contract §4: always idempotent); the refresh token in the body may still name one.
    if (endpoint.name === "logout" && error instanceof ServiceError) return null;
    throw error;
  }
}

/** Whoever calls in the name of a bound session proves its key; answers the proof's `jti`. Failing that costs the address, never the consumer. */
function demandHolder(deps: AdmissionDeps, exchange: Exchange, tenant: Tenant, caller: Caller, shown: Shown, path: string): string | null {
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
async function spend(deps: AdmissionDeps, exchange: Exchange, tenant: Tenant, caller: Caller, jti: string): Promise<void> {
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
function provedKeyFor(deps: AdmissionDeps, exchange: Exchange, endpoint: Endpoint, caller: Caller | null, path: string): string | null {
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
  if (exchange.origin === undefined || tenant === noTenant || isShared(endpoint)) return;
  // A secret key has no business in a page, so no page gets to read what it would do there.
  if (endpoint.route.auth === "secret") exchange.origin = undefined;
  else if (!allowsOrigin(tenant, exchange.origin)) throw new ServiceError("origin_not_allowed", { details: { origin: exchange.origin.slice(0, 300) } });
}

function takeAllowance(deps: AdmissionDeps, exchange: Exchange, endpoint: Endpoint, tenant: Tenant, caller: Caller | null): Allowance | null {
  const { auth } = endpoint.route;
  const address = limitKey(exchange.address);
  // Answers that are the same for everyone carry no headers of one requester, and caches answer most of them. Only what is not there
  // counts, as any refusal does: each made-up id asks the database.
  if (isShared(endpoint)) {
    deps.limits.check("public", address);
    return null;
  }
  if (caller !== null) return deps.limits.take("consumer", `${tenant.id}\0${caller.consumerId}`);
  if (endpoint.name === "createGuest") {
    // A flood is refused; a crowd behind one address is asked for a little work each (contract §4).
    deps.limits.take("public", address);
    if (tenant.guestsPerMinute !== null) deps.limits.take("organization", tenant.id, tenant.guestsPerMinute);
    const { allowance, isOver } = deps.limits.count("guest", address);
    exchange.isCrowded = isOver;
    return allowance;
  }
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
