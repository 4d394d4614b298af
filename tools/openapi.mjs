// The HTTP interface as OpenAPI 3.1, one document a plane (the planes share paths), from the contract's route table and schemas alone.
import { z } from "zod";
import { errorCatalog, routes } from "../packages/contract/src/index.ts";
import * as adminDraws from "../packages/contract/src/schemas/admin-draws.ts";
import * as admin from "../packages/contract/src/schemas/admin.ts";
import * as challenges from "../packages/contract/src/schemas/challenges.ts";
import * as consumers from "../packages/contract/src/schemas/consumers.ts";
import * as draws from "../packages/contract/src/schemas/draws.ts";
import * as entryChecks from "../packages/contract/src/schemas/entry-checks.ts";
import { errorBody } from "../packages/contract/src/schemas/errors.ts";
import * as experiences from "../packages/contract/src/schemas/experiences.ts";
import * as grants from "../packages/contract/src/schemas/grants.ts";
import * as inboxes from "../packages/contract/src/schemas/inbox.ts";
import * as queues from "../packages/contract/src/schemas/queues.ts";
import { routeSchemas } from "../packages/contract/src/schemas/routes.ts";
import * as securityEvents from "../packages/contract/src/schemas/security.ts";
import * as session from "../packages/contract/src/schemas/session.ts";
import { readJson } from "./workspace.mjs";

/** @typedef {import("../packages/contract/src/index.ts").RouteName} RouteName */
/** @typedef {import("../packages/contract/src/index.ts").ErrorCode} ErrorCode */

const schemaRef = (/** @type {string} */ name) => `#/components/schemas/${name}`;

/** Every exported schema under the name of its export. @type {Map<unknown, string>} */
const names = new Map();
for (const module of [
  session,
  challenges,
  consumers,
  entryChecks,
  experiences,
  queues,
  draws,
  grants,
  inboxes,
  securityEvents,
  admin,
  adminDraws,
  { errorBody },
]) {
  for (const [name, schema] of Object.entries(module)) {
    const title = name.charAt(0).toUpperCase() + name.slice(1);
    if ([...names.values()].includes(title)) throw new Error(`two schemas are called ${title}`);
    names.set(schema, title);
  }
}

// What a caller may write and what it reads are told alike: as the schema before any coercion.
/** @type {any} */
const registry = z.registry();
for (const [schema, id] of names) if (!id.endsWith("Query")) registry.add(schema, { id });
const { schemas: components } = z.toJSONSchema(registry, { uri: schemaRef, io: "input", unrepresentable: "any" });

/** Schemas that these documents reach, by name. @param {unknown} value @param {Record<string, unknown>} found */
function collect(value, found) {
  for (const [, name = ""] of JSON.stringify(value).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
    if (name in found) continue;
    const { $schema: _schema, $id: _id, ...schema } = /** @type {Record<string, unknown>} */ (components[name]);
    found[name] = schema;
    collect(schema, found);
  }
  return found;
}

const key = "publishableKey";
/** @type {Record<import("../packages/contract/src/index.ts").RouteAuth, Record<string, never[]>[]>} */
const security = {
  none: [],
  publishable: [{ [key]: [] }],
  consumer: [
    { [key]: [], consumerToken: [] },
    { [key]: [], boundToken: [] },
  ],
  consumer_optional: [{ [key]: [] }, { [key]: [], consumerToken: [] }, { [key]: [], boundToken: [] }],
  poll: [
    { [key]: [], pollToken: [] },
    { [key]: [], consumerToken: [] },
    { [key]: [], boundToken: [] },
  ],
  secret: [{ secretKey: [] }],
  operator: [{ operatorKey: [] }],
};
const securitySchemes = {
  publishableKey: { type: "apiKey", in: "header", name: "X-Publishable-Key", description: "Safe in any page: `pk_live_…` or `pk_test_…`." },
  consumerToken: { type: "http", scheme: "bearer", description: "The access token of the consumer's session, where that is not bound to a key." },
  boundToken: { type: "http", scheme: "DPoP", description: "The access token of a bound session, with a proof of its key in the header `DPoP` (RFC 9449)." },
  pollToken: { type: "http", scheme: "Poll", description: "The `pollToken` that entering a queue answers with; good for reading one standing only." },
  secretKey: { type: "http", scheme: "bearer", description: "For the merchant's backend only: `sk_live_…` or `sk_test_…`." },
  operatorKey: { type: "http", scheme: "bearer", description: "`op_…`, from the secrets of the service itself." },
};

/** @type {Record<import("../packages/contract/src/index.ts").RouteAuth, ErrorCode[]>} */
const refusals = {
  none: [],
  publishable: ["missing_publishable_key", "invalid_publishable_key", "secret_key_exposed", "origin_not_allowed"],
  consumer: [
    "missing_publishable_key",
    "invalid_publishable_key",
    "secret_key_exposed",
    "missing_access_token",
    "invalid_access_token",
    "invalid_dpop_proof",
    "use_dpop_nonce",
    "origin_not_allowed",
  ],
  consumer_optional: [
    "missing_publishable_key",
    "invalid_publishable_key",
    "secret_key_exposed",
    "invalid_access_token",
    "invalid_dpop_proof",
    "use_dpop_nonce",
    "origin_not_allowed",
  ],
  poll: [
    "missing_publishable_key",
    "invalid_publishable_key",
    "secret_key_exposed",
    "missing_access_token",
    "invalid_access_token",
    "invalid_poll_token",
    "invalid_dpop_proof",
    "use_dpop_nonce",
    "origin_not_allowed",
  ],
  secret: ["missing_secret_key", "invalid_secret_key"],
  operator: ["invalid_operator_key"],
};

/** What whoever enters may be asked for first, whatever they enter. @type {ErrorCode[]} */
const atTheDoor = ["authentication_required", "entry_limit_reached", "bound_session_required", "challenge_required"];

/** Why a grant token is not taken, under whichever address it is shown. @type {ErrorCode[]} */
const refusedToken = [
  "invalid_grant_token",
  "grant_nonce_mismatch",
  "grant_token_used",
  "grant_token_replaced",
  "grant_expired",
  "grant_completed",
  "grant_not_active",
];

/** What a route may refuse for reasons of its own. @type {Partial<Record<RouteName, ErrorCode[]>>} */
const reasons = {
  createGuest: ["challenge_required", "key_retired", "session_upgraded", "invalid_dpop_proof", "use_dpop_nonce"],
  refreshSession: ["invalid_refresh_token", "invalid_dpop_proof", "use_dpop_nonce"],
  requestOtp: ["otp_not_configured", "challenge_required", "phone_country_not_allowed", "phone_limit_reached"],
  verifyOtp: ["invalid_otp", "identity_conflict"],
  exchangeExternal: ["invalid_exchange_code", "identity_conflict"],
  redeemTransfer: ["invalid_transfer_code", "invalid_dpop_proof", "key_in_use"],
  listInbox: ["not_found"],
  enterQueue: ["queue_not_open", "queue_full", ...atTheDoor],
  enterDraw: ["draw_not_open", "draw_full", ...atTheDoor],
  leaveDraw: ["draw_closed"],
  getDrawProof: ["draw_not_closed"],
  getDrawTranscript: ["draw_not_drawn"],
  createDraw: ["already_exists", "not_found"],
  updateDraw: ["draw_committed", "draw_cancelled", "draw_already_drawn"],
  archiveDraw: ["draw_not_confirmed", "draw_already_drawn"],
  drawNow: ["draw_not_confirmed", "draw_cancelled", "draw_already_drawn"],
  cancelDraw: ["draw_not_confirmed", "draw_already_drawn"],
  recordBeacon: ["invalid_beacon_signature", "draw_cancelled", "draw_already_drawn"],
  rehearseDraw: ["draw_not_closed"],
  createPresentation: ["grant_not_active", "grant_expired", "grant_completed"],
  validateGrant: refusedToken,
  validateInQueue: [...refusedToken, "not_found"],
  validateInDraw: [...refusedToken, "not_found"],
  completeInDraw: ["grant_not_held", "grant_completed", "grant_expired", "not_found"],
  completeInQueue: ["grant_not_held", "grant_completed", "grant_expired", "not_found"],
  admitToQueue: ["queue_killed", "not_found"],
  completeGrant: ["grant_not_held", "grant_completed", "grant_expired", "not_found"],
  releaseGrant: ["grant_not_held", "grant_completed", "grant_expired", "not_found"],
  createOrganization: ["already_exists"],
  createApiKey: ["already_exists"],
  createExperience: ["already_exists"],
  createSequence: ["already_exists", "not_found"],
  createQueue: ["already_exists", "not_found"],
  openQueue: ["queue_killed"],
  pauseQueue: ["queue_killed"],
  resumeQueue: ["queue_killed"],
  closeQueue: ["queue_killed"],
  killQueue: ["queue_killed"],
  queueAll: ["queue_killed"],
  passThrough: ["queue_killed"],
  admitNow: ["queue_killed"],
};

/** Routes that can answer in another way than as one document. @type {Partial<Record<RouteName, Record<string, object>>>} */
const otherAnswers = {
  getQueueStatus: {
    "text/event-stream": {
      schema: {
        type: "string",
        description:
          "For whoever asks for it near the front, while there is room: each event's data is the standing as JSON; the last, `ask`, says in how many seconds to ask again.",
      },
    },
  },
};

/** @param {RouteName} name @param {ReturnType<typeof createErrorShelf>} errors */
function errorResponses(name, errors) {
  const route = routes[name];
  const schemas = /** @type {import("../packages/contract/src/schemas/index.ts").RouteSchemas} */ (routeSchemas[name]);
  /** @type {ErrorCode[]} */
  const codes = [
    ...refusals[route.auth],
    ...(reasons[name] ?? []),
    ...(route.path.includes(":") ? /** @type {const} */ (["not_found"]) : []),
    ...(schemas.body || schemas.query ? /** @type {const} */ (["validation_error"]) : []),
    ...(schemas.body ? /** @type {const} */ (["malformed_json", "payload_too_large", "unsupported_media_type", "request_timeout"]) : []),
    "rate_limited",
    "internal_error",
    "service_unavailable",
    "service_overloaded",
  ];
  /** @type {Record<string, ErrorCode[]>} */
  const byStatus = {};
  for (const code of new Set(codes)) (byStatus[errorCatalog[code].status] ??= []).push(code);
  return Object.fromEntries(Object.entries(byStatus).map(([status, some]) => [status, { $ref: errors.refTo(status, some) }]));
}

/** Refusals that many routes share, each described once. */
function createErrorShelf() {
  /** @type {Map<string, { name: string, response: object }>} */
  const shelf = new Map();
  const refTo = (/** @type {string} */ status, /** @type {ErrorCode[]} */ codes) => {
    const description = codes.map((code) => `\`${code}\`: ${errorCatalog[code].message}`).join("\n\n");
    const waits = codes.some((code) => errorCatalog[code].retry === "after");
    if (!shelf.has(description)) {
      const sameStatus = [...shelf.values()].filter(({ name }) => name.startsWith(`Error${status}`)).length;
      const headers = waits ? { ...answerHeaders, "Retry-After": { $ref: "#/components/headers/RetryAfter" } } : answerHeaders;
      shelf.set(description, {
        name: `Error${status}${String.fromCharCode(65 + sameStatus)}`,
        response: { description, headers, content: { "application/json": { schema: { $ref: schemaRef("ErrorBody") } } } },
      });
    }
    return `#/components/responses/${shelf.get(description)?.name}`;
  };
  return { refTo, all: () => Object.fromEntries([...shelf.values()].map(({ name, response }) => [name, response])) };
}

const answerHeaders = { "X-Request-Id": { $ref: "#/components/headers/RequestId" } };
const headers = {
  RequestId: { description: "Quote it when you report a problem.", schema: { type: "string" } },
  RetryAfter: { description: "Seconds to wait before the same request may succeed.", schema: { type: "integer", minimum: 0 } },
};

/** @param {RouteName} name @param {unknown} schema */
function content(name, schema) {
  const title = names.get(schema);
  if (!title) throw new Error(`${name} uses a schema that the contract does not export`);
  return { "application/json": { schema: { $ref: schemaRef(title) } } };
}

const proofHeader = "A proof of the device key (RFC 9449, ES256): the session is bound to it, or asked for by it.";

/** @param {RouteName} name @param {{ body?: unknown, bodyOptional?: true, query?: z.ZodType, answer?: unknown }} schemas @param {ReturnType<typeof createErrorShelf>} errors */
function operation(name, { body, bodyOptional, query, answer }, errors) {
  const { path, auth, success, summary } = routes[name];
  const proof = /** @type {import("../packages/contract/src/index.ts").Route} */ (routes[name]).proof === true;
  const inHeader = proof ? [{ name: "DPoP", in: "header", required: false, description: proofHeader, schema: { type: "string" } }] : [];
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, parameter]) => ({ name: parameter, in: "path", required: true, schema: { type: "string" } }));
  const asked = query ? /** @type {any} */ (z.toJSONSchema(query, { io: "output" })) : { properties: {} };
  const inQuery = Object.entries(asked.properties).map(([parameter, schema]) => ({ name: parameter, in: "query", required: false, schema }));
  const good = { description: summary, headers: answerHeaders, ...(answer ? { content: { ...content(name, answer), ...otherAnswers[name] } } : {}) };
  return {
    operationId: name,
    summary,
    tags: [path.split("/")[1]],
    security: security[auth],
    ...(inPath.length + inQuery.length + inHeader.length > 0 ? { parameters: [...inPath, ...inQuery, ...inHeader] } : {}),
    ...(body ? { requestBody: { required: !bodyOptional, content: content(name, body) } } : {}),
    // Becoming a guest twice is one guest: the second answer is a 200.
    responses: {
      ...(name === "createGuest" ? { 200: { ...good, description: "The same guest as before" } } : {}),
      [success]: good,
      ...errorResponses(name, errors),
    },
  };
}

/** @param {"consumer" | "admin"} plane @returns {string} the document, ready to be written */
export function openApiDocument(plane) {
  /** @type {Record<string, Record<string, unknown>>} */
  const paths = {};
  const errors = createErrorShelf();
  for (const name of /** @type {RouteName[]} */ (Object.keys(routes))) {
    const route = routes[name];
    if (route.plane !== plane) continue;
    (paths[route.path.replaceAll(/:(\w+)/g, "{$1}")] ??= {})[route.method.toLowerCase()] = operation(name, routeSchemas[name], errors);
  }
  const responses = errors.all();
  const used = new Set(Object.values(paths).flatMap((path) => Object.values(path).flatMap((one) => /** @type {any} */ (one).security.flatMap(Object.keys))));
  const document = {
    openapi: "3.1.1",
    info: {
      title: `Fanfare: ${plane === "consumer" ? "consumer" : "admin"} plane`,
      version: readJson("packages/contract/package.json").version,
      description: plane === "consumer" ? "What shoppers' browsers and merchants' backends call." : "What operators and their tools call.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/api" }],
    paths,
    components: {
      responses,
      schemas: Object.fromEntries(Object.entries(collect([paths, responses], {})).toSorted(([a], [b]) => (a < b ? -1 : 1))),
      headers,
      securitySchemes: Object.fromEntries(Object.entries(securitySchemes).filter(([name]) => used.has(name))),
    },
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
