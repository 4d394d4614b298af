import { readConfig, StartProblem } from "./config.ts";
import { startStorefront } from "./start.ts";

try {
  const storefront = await startStorefront(readConfig(process.env));
  process.stdout.write(`The storefront is at ${storefront.url}\n`);
  const stop = (): void => void storefront.stop().then(() => process.exit(0));
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
} catch (error) {
  if (!(error instanceof StartProblem)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
