import { performance } from "node:perf_hooks";
import { createAdmissionStore } from "./data/admission-store.ts";
import { randomBytes } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { readDatabaseTime } from "./data/database-time.ts";
import { openDatabase } from "./data/open-database.ts";
import type { Database } from "./data/database.ts";
import { createDrawDesk } from "./draws/desk.ts";
import type { DrawDesk } from "./draws/desk.ts";
import { createHandlers } from "./handlers.ts";
import { createGuestCommit } from "./http/consumer/guests.ts";
import { createRenewalCommit } from "./http/consumer/renewals.ts";
import { createDocuments } from "./http/documents.ts";
import type { Readiness } from "./http/documents.ts";
import { createAddressReader } from "./http/middleware/address.ts";
import { createCredentials } from "./http/middleware/credentials.ts";
import type { AdmissionDeps } from "./http/admission.ts";
import { createLoadGate } from "./http/middleware/load-gate.ts";
import { createLimits } from "./http/middleware/limits.ts";
import { createProving } from "./http/middleware/proving.ts";
import { createSpentProofs } from "./http/middleware/spent-proofs.ts";
import { createPipeline } from "./http/pipeline.ts";
import { createRequestIds } from "./http/request-ids.ts";
import { createRouter } from "./http/router.ts";
import { createTenants } from "./http/tenants.ts";
import { auditPeriodMs, createAudit } from "./jobs/audit.ts";
import { createAdmissionJob } from "./jobs/admit.ts";
import { createDrawJob, drawPeriodMs } from "./jobs/draw.ts";
import { drawDueOpenings, openingPeriodMs } from "./jobs/open.ts";
import { createEmbeddedMaintenance, maintenancePeriodMs } from "./jobs/maintain-embedded.ts";
import { retain, retentionPeriodMs } from "./jobs/retain.ts";
import { createRevocations, revocationPeriodMs } from "./jobs/revocations.ts";
import { createSigningKeys, signingKeysPeriodMs } from "./jobs/signing-keys.ts";
import { createSightingJob, sightingPeriodMs } from "./jobs/sightings.ts";
import { createEntrance } from "./lines/entrance.ts";
import { createFollower } from "./lines/follow.ts";
import { createLines } from "./lines/lines.ts";
import type { Lines } from "./lines/lines.ts";
import { busynessPeriodMs, createBusyness } from "./platform/busyness.ts";
import { audiencesOf } from "./platform/audiences.ts";
import { createChallenges } from "./platform/challenges.ts";
import type { Clock } from "./platform/clock.ts";
import type { ServerConfig } from "./platform/config.ts";
import { createIds } from "./platform/ids.ts";
import { listen } from "./platform/listener.ts";
import type { Listener } from "./platform/listener.ts";
import { createLoopLag, lagPeriodMs } from "./platform/loop-lag.ts";
import { createLog } from "./platform/log.ts";
import type { Log } from "./platform/log.ts";
import { createMetrics } from "./platform/metrics.ts";
import type { LineReading, Metrics } from "./platform/metrics.ts";
import { admitsWaiters } from "./domain/queue-settings.ts";
import type { LiveQueue } from "./lines/live-queue.ts";
import { pause } from "./platform/pause.ts";
import { createPresentationKeys } from "./platform/presentation-keys.ts";
import { createProofNonces } from "./platform/proof-nonces.ts";
import { createProofs } from "./platform/proofs.ts";
import { createSeals } from "./platform/seals.ts";
import { loadSecrets } from "./platform/secrets.ts";
import type { Secrets } from "./platform/secrets.ts";
import { comparePeriodMs, createSharedClock } from "./platform/shared-clock.ts";
import { createSystemClock } from "./platform/system-clock.ts";
import { createTokens } from "./platform/tokens.ts";
import { createTraces } from "./platform/traces.ts";
import type { Traces } from "./platform/traces.ts";
import type { GroupCommitOptions } from "./platform/group-commit.ts";

/** Where a started service answers. Both addresses end in `/api`. */
export interface FanfareAddresses {
  readonly consumerUrl: string;
  readonly adminUrl: string;
}

/** The service: made, then started, then stopped. */
export interface FanfareServer {
  /** Opens the database, loads the lines, listens. Raises what is wrong in one line (`ConfigError`, `PortTakenError`, …). */
  start(): Promise<FanfareAddresses>;
  /** Refuses newcomers, finishes what is under way, gives leases back, closes the database. */
  stop(): Promise<void>;
}

/** What tests may put in the place of the real thing. */
export interface FanfareParts {
  readonly log?: Log;
  readonly clock?: Clock;
  readonly openDatabase?: () => Promise<Database>;
}

const drainMs = 10_000;
const monotonic = (): number => performance.now();

/** Makes a service from its configuration; nothing happens before `start`. Services of one process share nothing. */
export function createFanfareServer(config: ServerConfig, parts: FanfareParts = {}): FanfareServer {
  const log = parts.log ?? createLog(config.logLevel);
  const metrics = createMetrics(monotonic);
  let closing = false;
  const onFault = (error: unknown): void => {
    // A follow that the closing database cut off has nobody left to follow for.
    if (closing) return;
    metrics.faulted();
    log.error({ error }, "Something in the background failed; it will be tried again.");
  };
  const own = parts.clock ?? createSystemClock(onFault);
  let stopping: (() => Promise<void>) | undefined;

  return Object.freeze<FanfareServer>({
    async start() {
      const secrets = loadSecrets(config);
      const db = await (parts.openDatabase?.() ?? openConfigured(config, onFault));
      try {
        const { clock, keepTime } = await timeOf(db, own);
        const service = await assemble({ config, log, metrics, clock, keepTime, onFault, onClosing: () => (closing = true), secrets, db });
        stopping = service.stop;
        return service.addresses;
      } catch (error) {
        await db.close();
        throw error;
      }
    },
    async stop() {
      const stop = stopping;
      stopping = undefined;
      await stop?.();
    },
  });
}

function openConfigured(config: ServerConfig, onIdleError: (error: unknown) => void): Promise<Database> {
  return openDatabase({ url: config.databaseUrl, dataDirectory: config.dataDirectory, poolSize: config.databasePoolSize, onIdleError });
}

interface Assembly {
  readonly config: ServerConfig;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly clock: Clock;
  /** Compares the clock with the one that all nodes share. */
  readonly keepTime: () => Promise<void>;
  readonly onFault: (error: unknown) => void;
  /** Called when nothing is left to do but to close the database. */
  readonly onClosing: () => void;
  readonly secrets: Secrets;
  readonly db: Database;
}

async function assemble(assembly: Assembly): Promise<{ readonly addresses: FanfareAddresses; readonly stop: () => Promise<void> }> {
  const { config, log, metrics, clock, onFault, onClosing, secrets, db } = assembly;
  const ids = createIds(clock.now);
  const tokens = createTokens({ secret: secrets.tokenSecret, now: clock.now });
  const keys = createPresentationKeys(secrets.signingKey, clock.now);
  const signingKeys = createSigningKeys({ db, clock, log, keys, seals: createSeals(secrets.tokenSecret, "signing key"), configured: secrets.signingKey });
  const revocations = createRevocations(db, clock);
  const draws = createDrawDesk({
    db,
    clock,
    monotonic,
    pause,
    signStatement: keys.signStatement,
    random: Math.random,
    onCommitted: (size) => metrics.committed("join", size),
  });
  const traces = createTraces();
  const guests = createGuestCommit(db, { now: monotonic, pause, onCommitted: (size) => metrics.committed("guest", size), ...watched(traces, "guest") });
  const renewals = createRenewalCommit(db, {
    now: monotonic,
    pause,
    onCommitted: (size) => metrics.committed("renewal", size),
    ...watched(traces, "renewal"),
  });
  const entrance = createEntrance({ db, clock, monotonic, pause, onCommitted: (size) => metrics.committed("join", size), ...watched(traces, "join") });
  const busyness = createBusyness(() => performance.eventLoopUtilization());
  const follower = createFollower({ db, clock, breathe: setImmediate, onFault, stretch: busyness.stretch });
  const lines = createLines({ db, clock, follower, entrance });
  const node = ids.uuid();
  const sightings = createSightingJob({ db, clock, follower, node });
  const admission = createAdmissionJob({
    store: createAdmissionStore(db),
    clock,
    follower,
    node,
    newGrantId: () => ids.make("grant"),
    onFault,
    onAdmitted: metrics.admitted,
    ...(traces === null ? {} : { around: (key, turn) => traces.work("fanfare.admission", { "fanfare.queue": key.queueId }, turn) }),
  });
  const drawing = createDrawJob({ db, clock, node, newGrantId: () => ids.make("grant"), onFault });
  const onDropped = (count: number): void => log.warn({ count }, "More security events happened at once than are written down.");
  const audit = createAudit({ db, clock, newId: () => ids.make("securityEvent"), onDropped });
  const limits = createLimits(config.rateLimits, clock.now);
  const handlers = createHandlers({
    db,
    clock,
    ids,
    random: Math.random,
    newSeed: () => randomBytes(32),
    tokens,
    keys,
    guests,
    renewals,
    revocations,
    follower,
    lines,
    draws,
    audit,
    signingKeys,
    challenges: createChallenges({ secret: secrets.tokenSecret, now: clock.now }),
    limits,
  });

  let draining = false;
  const readiness = createReadiness(db, clock.now, () => draining);
  const credentials = createCredentials({ tenants: createTenants(db, clock.now), tokens, isRevoked: revocations.isRevoked, operatorKey: secrets.operatorKey });
  const newRequestId = createRequestIds();
  const listeners: Listener[] = [];
  // The consumer plane is the first one; operators and their probes come by the other.
  const lag = createLoopLag(monotonic, (overwhelmed) => {
    listeners[0]?.accept(!overwhelmed);
    if (overwhelmed) log.warn({}, "This node cannot keep up even with refusing; it takes no new connections until it has caught up.");
  });
  let audiences: readonly string[] = [];
  const proofs = createProofs({ nonces: createProofNonces(secrets.tokenSecret, clock.now), now: clock.now, audiences: () => audiences });
  const shared = {
    credentials,
    proving: createProving(proofs, log),
    spentProofs: createSpentProofs(db, clock),
    audit,
    limits,
    gate: createLoadGate({ random: Math.random, isOverwhelmed: lag.isOverwhelmed }),
    hasRoom: createHasRoom(guests, renewals, lines, draws),
    readAddress: createAddressReader(config.trustProxy, warnOnce(log)),
    newRequestId,
    log,
    metrics,
    traces,
    now: clock.now,
    logRequests: config.logLevel === "debug" || config.logLevel === "trace",
    validateAnswers: config.validateAnswers,
  };
  const metricsText = (): Promise<Buffer> => {
    const now = clock.now();
    return metrics.text([...follower.all()].map((live) => readingOf(live, now)));
  };
  const planes = [
    { plane: "consumer", port: config.consumerPort, variable: "CONSUMER_PORT" },
    { plane: "admin", port: config.adminPort, variable: "ADMIN_PORT" },
  ] as const;

  await Promise.all([follower.start(), revocations.follow(), signingKeys.start()]);
  try {
    for (const { plane, port, variable } of planes) {
      const onRequest = createPipeline({ ...shared, plane, find: createRouter(plane, handlers, createDocuments(plane, { keys, readiness, metricsText })) });
      listeners.push(await listen({ host: config.host, port, variable, newRequestId }, onRequest));
      // A port of 0 is known only now.
      audiences = audiencesOf(config.consumerPublicUrls, addressOf(listeners[0], config.host));
    }
  } catch (error) {
    follower.stop();
    await Promise.all(listeners.map((listener) => listener.drain(0)));
    throw error;
  }
  admission.start();
  const stopOpening = clock.every(openingPeriodMs, () => drawDueOpenings({ db, clock, follower }));
  const stopWatching = [clock.every(lagPeriodMs, lag.tick), clock.every(busynessPeriodMs, busyness.tick)];
  const stopJobs = startJobs(assembly, {
    followRevocations: () => revocations.follow(),
    exchangeSightings: () => sightings.round(),
    flushAudit: () => audit.flush(),
    conductDraws: () => drawing.round(),
    followSigningKeys: () => signingKeys.follow(),
  });

  return {
    addresses: { consumerUrl: addressOf(listeners[0], config.host), adminUrl: addressOf(listeners[1], config.host) },
    async stop() {
      draining = true;
      await Promise.all(listeners.map((listener) => listener.drain(drainMs)));
      stopOpening();
      for (const stop of stopWatching) stop();
      stopJobs();
      await admission.stop().catch(onFault);
      await Promise.all([guests.idle(), renewals.idle(), entrance.idle(), draws.idle(), drawing.idle(), audit.flush().catch(onFault)]);
      follower.stop();
      onClosing();
      await db.close();
    },
  };
}

/** Guests, renewals and joins are what is written in batches; everything else is as quick as it is. */
function createHasRoom(guests: { hasRoom(): boolean }, renewals: { hasRoom(): boolean }, lines: Lines, draws: DrawDesk): AdmissionDeps["hasRoom"] {
  return (name, queue, consumerId) => {
    if (name === "createGuest") return guests.hasRoom();
    if (name === "refreshSession") return renewals.hasRoom();
    if (name === "enterDraw") return draws.hasRoom({ organizationId: queue.organizationId, drawId: queue.queueId });
    return name !== "enterQueue" || lines.hasRoom(queue, consumerId);
  };
}

/** Each batch as a span, where somebody listens. */
function watched(traces: Traces | null, kind: "guest" | "join" | "renewal"): Pick<GroupCommitOptions<unknown, unknown>, "around"> {
  if (traces === null) return {};
  return { around: (size, attempt) => traces.work("fanfare.commit", { "fanfare.commit.kind": kind, "fanfare.commit.size": size }, attempt) };
}

/** How a line stands, for a scrape. */
function readingOf(live: LiveQueue, now: number): LineReading {
  const { admitRate, capacity } = live.settings();
  return { ...live.key, ...live.metrics(now), admitRate: admitsWaiters(live.state(now)) ? admitRate : 0, capacity };
}

interface Rounds {
  readonly followRevocations: () => Promise<void>;
  readonly exchangeSightings: () => Promise<void>;
  readonly flushAudit: () => Promise<void>;
  readonly conductDraws: () => Promise<void>;
  readonly followSigningKeys: () => Promise<void>;
}

/** Nodes over one server go by its clock; an embedded database has this machine's. */
async function timeOf(db: Database, own: Clock): Promise<{ readonly clock: Clock; readonly keepTime: () => Promise<void> }> {
  if (db.profile === "embedded") return { clock: own, keepTime: async () => undefined };
  const shared = createSharedClock({ own, monotonic, askDatabase: () => readDatabaseTime(db) });
  await shared.compare();
  return { clock: shared, keepTime: shared.compare };
}

function startJobs({ db, clock, keepTime }: Assembly, rounds: Rounds): () => void {
  const maintenance = createEmbeddedMaintenance(db);
  const stops = [
    clock.every(comparePeriodMs, keepTime),
    clock.every(revocationPeriodMs, rounds.followRevocations),
    clock.every(auditPeriodMs, rounds.flushAudit),
    clock.every(drawPeriodMs, rounds.conductDraws),
    clock.every(signingKeysPeriodMs, rounds.followSigningKeys),
    clock.every(retentionPeriodMs, () => retain(db, clock)),
    // An embedded database has one process, which has nobody to tell and must sweep for itself.
    db.profile === "embedded"
      ? clock.every(maintenancePeriodMs, () => maintenance.round(clock.now()))
      : clock.every(sightingPeriodMs, rounds.exchangeSightings),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

const readinessMs = 1_000;

/** Anybody may ask, as often as they like; the database is asked once a second. */
function createReadiness(db: Database, now: () => number, draining: () => boolean): () => Promise<Readiness> {
  let askedAt = -Infinity;
  let reachable: Promise<boolean> = Promise.resolve(false);
  return async () => {
    if (draining()) return { ready: false, reason: "draining" };
    if (now() - askedAt >= readinessMs) {
      askedAt = now();
      reachable = db.run("select 1", []).then(
        () => true,
        () => false,
      );
    }
    return (await reachable) ? { ready: true } : { ready: false, reason: "database" };
  };
}

function warnOnce(log: Log): () => void {
  let warned = false;
  return () => {
    if (warned) return;
    warned = true;
    log.warn({}, "Requests carry X-Forwarded-For, but TRUST_PROXY is off: all of them count as coming from the proxy. Set TRUST_PROXY.");
  };
}

function addressOf(listener: Listener | undefined, host: string): string {
  const reachable = host === "0.0.0.0" || host === "::" ? "localhost" : host.includes(":") ? `[${host}]` : host;
  return `http://${reachable}:${listener?.address.port}/api`;
}
