import { command, toolEnvironment } from "./command.mjs";
import { startPostgres } from "./postgres.mjs";

const postgres = await startPostgres();
try {
  const args = ["--conditions=@fanfare-io/source", "bench/src/main.ts", ...process.argv.slice(2)];
  await command(process.execPath, args, { env: { ...toolEnvironment, BENCH_DATABASE_URL: postgres.url }, show: true });
} finally {
  await postgres.stop();
}
