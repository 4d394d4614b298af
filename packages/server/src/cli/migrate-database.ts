import { parseArgs } from "node:util";
import { openDatabase } from "../data/open-database.ts";
import { readConfig } from "../platform/config.ts";
import type { Environment } from "./environment.ts";

/** `fanfare migrate`: for deployments that migrate before they start. The service does the same by itself at its start. */
export async function migrateDatabase(words: readonly string[], environment: Environment): Promise<number> {
  parseArgs({ args: [...words], options: {} });
  const config = readConfig(environment);
  const db = await openDatabase({ url: config.databaseUrl, dataDirectory: config.dataDirectory, poolSize: 2, onIdleError: () => undefined });
  const [row] = await db.run<{ number: number }>("select max(number) as number from schema_migration", []);
  await db.close();
  process.stdout.write(`The database is at schema ${row?.number ?? 0}.\n`);
  return 0;
}
