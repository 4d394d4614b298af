import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { createFanfareServer } from "../app.ts";
import type { FanfareAddresses, FanfareServer } from "../app.ts";
import { readConfig } from "../platform/config.ts";
import { createLog } from "../platform/log.ts";
import type { Log } from "../platform/log.ts";
import type { Environment } from "./environment.ts";
import type { StopSignals } from "./stop-signals.ts";

/** `fanfare start`: resolves with the exit code when the service has been told to stop, also while it starts. */
export async function startService(words: readonly string[], environment: Environment, stop: StopSignals): Promise<number> {
  const { values } = parseArgs({ args: [...words], options: { json: { type: "boolean", default: false } } });
  const config = readConfig(environment);
  const log = createLog(config.logLevel);
  process.on("uncaughtException", (error) => {
    log.error({ error }, "The service is in a state that nobody foresaw; it ends, so that whatever watches it starts it anew.");
    process.exit(1);
  });
  const server = createFanfareServer(config, { log });
  const addresses = await startUnlessStopped(server, stop);
  if (addresses === null) return giveUp(server, log);
  process.stdout.write(
    values.json ? `${JSON.stringify(addresses)}\n` : `Fanfare is ready.\n  consumers  ${addresses.consumerUrl}\n  admin      ${addresses.adminUrl}\n`,
  );
  log.info({ ...addresses, database: config.databaseUrl === undefined ? "embedded" : "postgres" }, "Ready.");
  const signal = await stop.asked;
  log.info({ signal }, "Finishing what is under way; a second signal ends at once.");
  return server.stop().then(
    () => 0,
    (error: unknown) => {
      log.error({ error }, "Stopping failed.");
      return 1;
    },
  );
}

/** Null where it was told to stop before it was ready. */
async function startUnlessStopped(server: FanfareServer, stop: StopSignals): Promise<FanfareAddresses | null> {
  const starting = server.start();
  const stopped = stop.asked.then(() => null);
  // What a start that is given up fails of is nobody's business any more.
  starting.catch(() => undefined);
  return Promise.race([starting, stopped]);
}

/** Another node may be migrating for minutes, or the database not answer: a start that is given up waits for nobody longer than this. */
const giveUpAfterMs = 5_000;

/** Nothing has been promised to anybody yet, so that ending in the middle of it is as good as never having begun. */
async function giveUp(server: FanfareServer, log: Log): Promise<number> {
  log.info({}, "Asked to stop while starting; a second signal ends at once.");
  const ended = await Promise.race([server.stop().then(() => true), pause(giveUpAfterMs, false)]);
  if (ended) return 0;
  log.warn({}, `The start did not come to an end within ${giveUpAfterMs / 1000} s; it is cut off. Whatever it had begun in the database is undone there.`);
  return process.exit(0);
}
