import { createFanfareServer } from "../app.ts";
import type { Database } from "../data/database.ts";
import { openDatabase } from "../data/open-database.ts";
import { readConfig } from "../platform/config.ts";
import { createLog } from "../platform/log.ts";

// A service whose database takes so many joins a second and no more, for `npm run bench -- --only overload`. Prints its addresses.
const joinsPerSecond = Number(process.argv[2]);
const config = readConfig(process.env);

const throttled = (db: Database): Database => ({
  ...db,
  run: async (statement, parameters) => {
    // The third parameter of a join is its consumers. The database itself waits: a timer here would come late whenever this process is busy.
    if (statement.includes("insert into queue_entry")) await db.run("select pg_sleep($1)", [(parameters[2] as readonly string[]).length / joinsPerSecond]);
    return db.run(statement, parameters);
  },
});

const server = createFanfareServer(config, {
  log: createLog(config.logLevel),
  openDatabase: async () =>
    throttled(
      await openDatabase({ url: config.databaseUrl, dataDirectory: config.dataDirectory, poolSize: config.databasePoolSize, onIdleError: () => undefined }),
    ),
});
process.stdout.write(`${JSON.stringify(await server.start())}\n`);
process.on("SIGTERM", () => void server.stop().then(() => process.exit(0)));
