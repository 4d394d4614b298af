import { command, toolEnvironment } from "./command.mjs";
import { startPostgres } from "./postgres.mjs";

// Memory is measured of what is published, not of sources with a compiler beside them.
await command(process.execPath, ["tools/build.mjs"]);
const postgres = await startPostgres();
try {
  const args = ["--conditions=@fanfare-io/source", "bench/src/main.ts", ...process.argv.slice(2)];
  await command(process.execPath, args, { env: { ...toolEnvironment, BENCH_DATABASE_URL: postgres.url }, show: true });
} finally {
  await postgres.stop();
}
