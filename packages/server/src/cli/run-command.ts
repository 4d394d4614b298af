import { DataDirectoryInUseError } from "../data/data-lock.ts";
import { DatabaseError } from "../data/database.ts";
import { SchemaTooNewError } from "../data/migrate.ts";
import { ConfigError } from "../platform/config.ts";
import { PortTakenError } from "../platform/listener.ts";
import { scrub } from "../platform/log.ts";
import { RehearsalError } from "../rehearsal/rehearsal-error.ts";
import { makeSecrets } from "../platform/secrets.ts";
import { createOrganization } from "./create-organization.ts";
import { migrateDatabase } from "./migrate-database.ts";
import { rehearse } from "./rehearse.ts";
import { rotateKeys } from "./rotate-keys.ts";
import { startService } from "./start-service.ts";
import { verifyDraw } from "./verify-draw.ts";
import { CommandError } from "./command-error.ts";
import type { Environment } from "./environment.ts";
import { listenForStop } from "./stop-signals.ts";
import type { StopSignals } from "./stop-signals.ts";

const help = `fanfare start [--json]        run the service; --json prints its addresses as one line of JSON
fanfare migrate               bring the database up to date, and end
fanfare org create --name N   make an organization on the running service
    [--id org_…] [--publishable-key pk_…] [--secret-key sk_…] [--allowed-host shop.example]… [--admin-url URL] [--json]
fanfare rehearse --queue ID   play a launch against the running service, and write a report of it
    [--publishable-key pk_…] [--secret-key sk_…] (or FANFARE_PUBLISHABLE_KEY, FANFARE_SECRET_KEY) [--consumer-url URL] [--admin-url URL]
    [--connections N] [--yes-this-is-my-service]
    [--shoppers N] [--arrivals step|poisson|spike|bots] [--over SECONDS] [--bots SHARE] [--abandon SHARE] [--patience SECONDS]
    [--absent SHARE] [--absence SECONDS] [--buy SHARE] [--shopping SECONDS] [--for SECONDS] [--seed N] [--report FILE] [--json]
fanfare rehearse --simulate   play it in memory instead, in seconds, with the same crowd and
    [--rate PER_MINUTE] [--capacity N] [--total N] [--turn SECONDS] [--nodes N] [--faults EVERY_SECONDS]
fanfare keys rotate           replace the key that signs grant tokens, without a gap; --compromised at once
    [--admin-url URL] [--json]
fanfare verify TRANSCRIPT     recompute a draw from its transcript, offline: 0 = it holds, 1 = it does not, 2 = not all could be checked
                              --keys jwks.json: who signed it; --kept file.json: whether a receipt, or the draw as it was, agrees
    [--keys JWKS] [--json]
fanfare secrets               print a fresh secrets file`;

/**
 * Runs one command line and answers the exit code. What a person can put right is said in one line. `stop`: what asks a service to stop, where
 * somebody has listened for it already.
 */
export async function runCommand(words: readonly string[], environment: Environment, stop?: StopSignals): Promise<number> {
  try {
    return await dispatch(words, environment, stop);
  } catch (error) {
    write(process.stderr, `fanfare: ${explain(error)}`);
    return 1;
  }
}

async function dispatch(words: readonly string[], environment: Environment, stop: StopSignals | undefined): Promise<number> {
  const [command, ...rest] = words;
  // Before the command is read: whoever asks what `migrate` does has not asked for it.
  if (command === undefined || command === "help" || words.some((word) => word === "--help" || word === "-h")) return say(help);
  if (command === "start") return startService(rest, environment, stop ?? listenForStop());
  if (command === "migrate") return migrateDatabase(rest, environment);
  if (command === "org" && rest[0] === "create") return createOrganization(rest.slice(1), environment);
  if (command === "rehearse") return rehearse(rest, environment);
  if (command === "keys" && rest[0] === "rotate") return rotateKeys(rest.slice(1), environment);
  if (command === "verify") return verifyDraw(rest, say);
  if (command === "secrets" && rest.length === 0) return say(JSON.stringify(makeSecrets(), null, 2));
  throw new CommandError(`There is no command "${words.join(" ")}". \`fanfare help\` lists them.`);
}

function say(text: string): number {
  write(process.stdout, text);
  return 0;
}

function write(stream: NodeJS.WritableStream, text: string): void {
  stream.write(`${text}\n`);
}

const plain = [ConfigError, PortTakenError, DataDirectoryInUseError, SchemaTooNewError, CommandError, RehearsalError];

function explain(error: unknown): string {
  if (plain.some((kind) => error instanceof kind)) return (error as Error).message;
  if (error instanceof DatabaseError) {
    return error.code === "connection"
      ? `The database cannot be reached: ${scrub(error.message) || "no answer"}. Check DATABASE_URL and that the server is running.`
      : `The database refused (${error.code}): ${scrub(error.message)}. Check the user, the password and the database's name in DATABASE_URL.`;
  }
  if (error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS")) return error.message.split("\n", 1)[0] ?? "";
  // Not a situation that we foresaw: whoever reports it needs the place.
  return error instanceof Error ? scrub(error.stack ?? error.message) : scrub(String(error));
}
