import type { RequestListener } from "node:http";
import type { RouteName } from "@fanfare-io/fanfare-contract";
import type { Database } from "../data/database.ts";
import type { Inbox } from "../delivery/inbox.ts";
import { createDocuments } from "../http/documents.ts";
import type { Handlers } from "../http/endpoint.ts";
import { createAddressReader } from "../http/middleware/address.ts";
import { createCredentials } from "../http/middleware/credentials.ts";
import { createProving } from "../http/middleware/proving.ts";
import { createSpentProofs } from "../http/middleware/spent-proofs.ts";
import { createPipeline } from "../http/pipeline.ts";
import type { PipelineDeps } from "../http/pipeline.ts";
import type { Readiness } from "../http/readiness.ts";
import { createRouter } from "../http/router.ts";
import { createTenants } from "../http/tenants.ts";
import type { Clock } from "../platform/clock.ts";
import type { ServerConfig } from "../platform/config.ts";
import type { Log } from "../platform/log.ts";
import type { Plane } from "./doors.ts";
import type { Keyring } from "./keys.ts";

/** What requests need on their way, whichever plane they come by. */
export interface RequestsDeps extends Pick<PipelineDeps, "audit" | "limits" | "gate" | "hasRoom" | "newRequestId" | "log" | "metrics" | "traces"> {
  readonly config: Pick<ServerConfig, "trustProxy" | "logLevel" | "validateAnswers">;
  readonly db: Database;
  readonly clock: Clock;
  readonly keyring: Pick<Keyring, "tokens" | "keys" | "proofs">;
  readonly operatorKey: string;
  readonly isRevoked: (sessionId: string) => boolean;
  readonly resolve: (organizationId: string, consumerId: string) => string;
  readonly handlers: Handlers<RouteName>;
  readonly readiness: () => Promise<Readiness>;
  readonly metricsText: () => Promise<Buffer>;
  /** Null in production. */
  readonly inbox: Inbox | null;
}

/** Wires the pipeline, one for each plane; what they share is made once. */
export function wireRequests(deps: RequestsDeps): (plane: Plane) => RequestListener {
  const { config, db, clock, keyring, log, handlers } = deps;
  const shared = {
    credentials: createCredentials({
      tenants: createTenants(db, clock.now),
      tokens: keyring.tokens,
      isRevoked: deps.isRevoked,
      resolve: deps.resolve,
      operatorKey: deps.operatorKey,
    }),
    proving: createProving(keyring.proofs, log),
    spentProofs: createSpentProofs(db, clock),
    audit: deps.audit,
    limits: deps.limits,
    gate: deps.gate,
    hasRoom: deps.hasRoom,
    readAddress: createAddressReader(config.trustProxy, warnOnce(log)),
    newRequestId: deps.newRequestId,
    log,
    metrics: deps.metrics,
    traces: deps.traces,
    now: clock.now,
    logRequests: config.logLevel === "debug" || config.logLevel === "trace",
    validateAnswers: config.validateAnswers,
  };
  const documentsOf = (plane: Plane) =>
    createDocuments(plane, { keys: keyring.keys, readiness: deps.readiness, metricsText: deps.metricsText, inbox: deps.inbox });
  return (plane) => createPipeline({ ...shared, plane, find: createRouter(plane, handlers, documentsOf(plane)) });
}

function warnOnce(log: Log): () => void {
  let warned = false;
  return () => {
    if (warned) return;
    warned = true;
    log.warn({}, "Requests carry X-Forwarded-For, but TRUST_PROXY is off: all of them count as coming from the proxy. Set TRUST_PROXY.");
  };
}
