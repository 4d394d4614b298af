import { randomBytes } from "node:crypto";
import type { Database } from "./data/database.ts";
import { openDatabase } from "./data/open-database.ts";
import { createStatusStreams } from "./http/consumer/status-streams.ts";
import { createLimits } from "./http/middleware/limits.ts";
import { createReadiness } from "./http/readiness.ts";
import { createRequestIds } from "./http/request-ids.ts";
import { createAudit } from "./jobs/audit.ts";
import type { ChallengeCosts } from "./platform/challenges.ts";
import type { Clock } from "./platform/clock.ts";
import type { ServerConfig } from "./platform/config.ts";
import { createIds } from "./platform/ids.ts";
import { createLog } from "./platform/log.ts";
import type { Log } from "./platform/log.ts";
import { createMetrics } from "./platform/metrics.ts";
import type { Metrics } from "./platform/metrics.ts";
import { loadSecrets } from "./platform/secrets.ts";
import type { Secrets } from "./platform/secrets.ts";
import { createSystemClock } from "./platform/system-clock.ts";
import { createTraces } from "./platform/traces.ts";
import { createDoors } from "./wiring/doors.ts";
import type { FanfareAddresses } from "./wiring/doors.ts";
import { wireDelivery } from "./wiring/delivery.ts";
import { wireDraws } from "./wiring/draws.ts";
import { wireIdentities } from "./wiring/identities.ts";
import { createHandlers } from "./wiring/handlers.ts";
import { startJobs } from "./wiring/jobs.ts";
import { wireKeys } from "./wiring/keys.ts";
import { readingsOf, wireLines } from "./wiring/lines.ts";
import { wireLoad } from "./wiring/load.ts";
import { wireRequests } from "./wiring/requests.ts";
import { wireSessions } from "./wiring/sessions.ts";
import { monotonic, timeOf } from "./wiring/time.ts";
import type { ServiceTime } from "./wiring/time.ts";

export type { FanfareAddresses } from "./wiring/doors.ts";

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
  readonly challengeCosts?: ChallengeCosts;
}

const drainMs = 10_000;
const newSeed = (): Uint8Array => randomBytes(32);

/** Makes a service from its configuration; nothing happens before `start`. Services of one process share nothing. */
export function createFanfareServer(config: ServerConfig, parts: FanfareParts = {}): FanfareServer {
  const log = parts.log ?? createLog(config.logLevel);
  const metrics = createMetrics(monotonic);
  let closing = false;
  const onFault = (error: unknown): void => {
    // What the closing database cut off has nobody left to do it for.
    if (closing) return;
    metrics.faulted();
    log.error({ error }, "Something in the background failed; it will be tried again.");
  };
  const own = parts.clock ?? createSystemClock(onFault);
  let running: Promise<RunningService> | undefined;
  let ended: Promise<void> = Promise.resolve();

  async function begin(): Promise<RunningService> {
    await ended.catch(() => undefined);
    closing = false;
    const secrets = loadSecrets(config);
    const db = await (parts.openDatabase?.() ?? openConfigured(config, onFault));
    const close = (): Promise<void> => {
      closing = true;
      return db.close();
    };
    try {
      const time = await timeOf(db, own);
      const { addresses, stop } = await run({ config, log, challengeCosts: parts.challengeCosts, metrics, ...time, onFault, secrets, db });
      return { addresses, stop: () => stop().finally(close) };
    } catch (error) {
      await close();
      throw error;
    }
  }

  return Object.freeze<FanfareServer>({
    async start() {
      if (running !== undefined) throw new Error("This service has been started already; stop it first.");
      const begun = begin();
      running = begun;
      try {
        return (await begun).addresses;
      } catch (error) {
        if (running === begun) running = undefined;
        throw error;
      }
    },
    stop() {
      // Also while it is starting: what has begun by then is ended, or it would go on with nobody to stop it.
      const stopping = running?.then(
        (service) => service.stop(),
        () => undefined,
      );
      running = undefined;
      return (ended = stopping ?? ended);
    },
  });
}

/** A service that answers. */
interface RunningService {
  readonly addresses: FanfareAddresses;
  readonly stop: () => Promise<void>;
}

function openConfigured(config: ServerConfig, onIdleError: (error: unknown) => void): Promise<Database> {
  return openDatabase({ url: config.databaseUrl, dataDirectory: config.dataDirectory, poolSize: config.databasePoolSize, onIdleError });
}

interface Ground extends ServiceTime {
  readonly config: ServerConfig;
  readonly challengeCosts: ChallengeCosts | undefined;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly onFault: (error: unknown) => void;
  readonly secrets: Secrets;
  readonly db: Database;
}

/** Builds the rooms of the house on its ground, each from what it needs; nothing runs yet. */
function build({ config, challengeCosts, log, metrics, clock, onFault, secrets, db }: Ground, draining: () => boolean) {
  const ids = createIds(clock.now);
  const node = ids.uuid();
  const newGrantId = (): string => ids.make("grant");
  const newRequestId = createRequestIds();
  const traces = createTraces();
  const doors = createDoors(config, newRequestId);
  const keyring = wireKeys({ db, clock, log, secrets, audiences: doors.audiences, challengeCosts });
  const sessions = wireSessions({ db, clock, metrics, traces });
  const lineRoom = wireLines({ db, clock, metrics, traces, node, newGrantId, onFault });
  const { follower, lines } = lineRoom;
  const onDropped = (count: number): void => log.warn({ count }, "More security events happened at once than are written down.");
  const audit = createAudit({ db, clock, newId: () => ids.make("securityEvent"), onDropped });
  const people = wireIdentities({ db, clock, newUuid: ids.uuid, follower, revocations: sessions.revocations, audit });
  const settle = people.merger.settleDraw;
  const { signStatement } = keyring.keys;
  const { beaconUrls } = config;
  const drawRoom = wireDraws({ db, clock, metrics, traces, signStatement, node, newGrantId, settle, onFault, beaconUrls, log });
  const { desk } = drawRoom;
  const { gate, lag, hasRoom } = wireLoad({ ...sessions, lines, desk, log, takeConnections: doors.takeConnections });
  const limits = createLimits(config.rateLimits, clock.now);
  const delivery = wireDelivery({ db, clock, config, secrets, log, metrics, onFault });
  const { random } = Math;
  const streams = createStatusStreams({ clock, follower, random });
  const handlers = createHandlers({
    db,
    clock,
    ids,
    random,
    newSeed,
    ...keyring,
    ...sessions,
    ...people,
    follower,
    lines,
    streams,
    draws: desk,
    audit,
    limits,
    ...delivery,
  });
  const guards = { audit, limits, gate, hasRoom, operatorKey: secrets.operatorKey, isRevoked: sessions.revocations.isRevoked, resolve: people.aliases.resolve };
  const readiness = createReadiness(db, clock.now, draining);
  const metricsText = (): Promise<Buffer> => metrics.text(readingsOf(follower.all(), clock.now()), streams.count());
  const requestsOf = wireRequests({
    config,
    db,
    clock,
    keyring,
    handlers,
    readiness,
    metricsText,
    newRequestId,
    log,
    metrics,
    traces,
    inbox: delivery.inbox,
    ...guards,
  });
  return { doors, requestsOf, sessions, keyring, lineRoom, drawRoom, audit, lag, streams, people, delivering: delivery.delivering };
}

/** Builds the house, opens its doors and starts its jobs; `stop` goes the same way back, and so does a start that fails. The database is the caller's to close. */
async function run(ground: Ground): Promise<RunningService> {
  const { clock, keepTime, onFault, db } = ground;
  let draining = false;
  let stopJobs: () => Promise<void> = () => Promise.resolve();
  const { doors, requestsOf, sessions, keyring, lineRoom, drawRoom, audit, lag, streams, people, delivering } = build(ground, () => draining);
  const { guests, renewals, entries, entryKeys, revocations } = sessions;
  const { follower, entrance, admission } = lineRoom;

  async function stop(): Promise<void> {
    streams.stop();
    await doors.close(draining ? drainMs : 0);
    await stopJobs();
    delivering.close();
    await admission.stop().catch(onFault);
    await Promise.all([
      guests.idle(),
      renewals.idle(),
      entries.idle(),
      entryKeys.idle(),
      entrance.idle(),
      drawRoom.desk.idle(),
      drawRoom.drawing.idle(),
      audit.flush().catch(onFault),
    ]);
    await follower.stop();
  }

  try {
    await allDone([follower.start(), revocations.follow(), people.aliases.follow(), keyring.signingKeys.start()]);
    const addresses = await doors.open(requestsOf);
    admission.start();
    stopJobs = startJobs({ db, clock, keepTime, lineRoom, lag, revocations, signingKeys: keyring.signingKeys, audit, drawRoom, streams, people, delivering });
    return { addresses, stop: () => ((draining = true), stop()) };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Rejects like `Promise.all`, but not before the last of them is over: nothing may begin behind the back of whoever cleans up. */
async function allDone(parts: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(parts)).find((part) => part.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}
