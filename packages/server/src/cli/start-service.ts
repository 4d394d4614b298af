import { parseArgs } from "node:util";
import { createFanfareServer } from "../app.ts";
import type { FanfareServer } from "../app.ts";
import { readConfig } from "../platform/config.ts";
import { createLog } from "../platform/log.ts";
import type { Log } from "../platform/log.ts";
import type { Environment } from "./environment.ts";

/** `fanfare start`: resolves with the exit code when the service has been told to stop. */
export async function startService(words: readonly string[], environment: Environment): Promise<number> {
  const { values } = parseArgs({ args: [...words], options: { json: { type: "boolean", default: false } } });
  const config = readConfig(environment);
  const log = createLog(config.logLevel);
  process.on("uncaughtException", (error) => {
    log.error({ error }, "The service is in a state that nobody foresaw; it ends, so that whatever watches it starts it anew.");
    process.exit(1);
  });
  const server = createFanfareServer(config, { log });
  const addresses = await server.start();
  process.stdout.write(
    values.json ? `${JSON.stringify(addresses)}\n` : `Fanfare is ready.\n  consumers  ${addresses.consumerUrl}\n  admin      ${addresses.adminUrl}\n`,
  );
  log.info({ ...addresses, database: config.databaseUrl === undefined ? "embedded" : "postgres" }, "Ready.");
  return untilStopped(server, log);
}

/** Ctrl-C reaches a whole group of processes and may be passed on by a parent too: that is still the first signal. */
const sameSignalMs = 1_000;

function untilStopped(server: FanfareServer, log: Log): Promise<number> {
  return new Promise((resolve) => {
    let first: number | undefined;
    const onSignal = (signal: NodeJS.Signals): void => {
      if (first === undefined) {
        first = Date.now();
        log.info({ signal }, "Finishing what is under way; a second signal ends at once.");
        server.stop().then(
          () => resolve(0),
          (error: unknown) => {
            log.error({ error }, "Stopping failed.");
            resolve(1);
          },
        );
      } else if (Date.now() - first > sameSignalMs) process.exit(130);
    };
    process.on("SIGINT", onSignal);
    process.on("SIGTERM", onSignal);
  });
}
