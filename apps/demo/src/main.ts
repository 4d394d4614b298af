import { createFanfareServer, readConfig } from "@fanfare-io/fanfare-server";
import { startStorefront } from "fanfare-storefront/backend";
import { join } from "node:path";
import { buildStorefront } from "./build-storefront.ts";
import { startCrowd } from "./crowd.ts";
import type { Crowd } from "./crowd.ts";
import { createDrawCrowd } from "./draw-crowd.ts";
import { startDrawRounds } from "./draw-rounds.ts";
import { readOptions } from "./options.ts";
import { prepareLaunch } from "./prepare-launch.ts";
import type { DemoLaunch } from "./prepare-launch.ts";
import { createProgress } from "./progress.ts";

const progress = createProgress(process.stderr);
const closers: (() => Promise<void> | void)[] = [];

async function start(): Promise<void> {
  const options = readOptions(process.argv.slice(2), process.env);
  const config = readConfig({ LOG_LEVEL: "warn", ...process.env });
  progress.say("\nFanfare, the demo launch\n");
  await progress.step("Building the storefront's pages (only when they changed)", buildStorefront);
  const service = createFanfareServer(config);
  // Before it starts: Ctrl-C in the middle of that is a stop like any other.
  closers.unshift(() => service.stop());
  const { consumerUrl, adminUrl } = await progress.step("Starting the service and its database", () => service.start());
  const launch = await progress.step("Preparing the launch", () => prepareLaunch(adminUrl, config.dataDirectory, options));
  const shop = await progress.step("Opening the storefront", () =>
    startStorefront({
      ...launch,
      apiUrl: consumerUrl,
      port: options.storefrontPort,
      dataDir: join(config.dataDirectory, "storefront"),
    }),
  );
  closers.unshift(() => shop.stop());
  const { drawExperienceId: _ofDraws, drawSequenceId, ...line } = launch;
  if (options.json) process.stdout.write(`${JSON.stringify({ consumerUrl, adminUrl, storefrontUrl: shop.url, ...line })}\n`);
  progress.say(`
  The shop      ${shop.url}
  By draw       ${shop.url}/draw   (a draw every two minutes, with simulated entrants)
  Consumer API  ${consumerUrl}
  Admin API     ${adminUrl}   (secret key: ${join(config.dataDirectory, `demo-${launch.organizationId}.json`)})${config.production ? "" : `\n  Inbox         ${new URL("/inbox", adminUrl).href}   (codes that would have been sent)`}

  Open the shop in two windows and join the line. Ctrl-C ends it; the data stays.${options.crowd === 0 ? "\n  More fun with company: npm start -- --crowd 200" : ""}
`);
  keepDrawing({ adminUrl, consumerUrl, launch, drawSequenceId, entrants: Math.min(60, Math.max(fewestEntrants, Math.ceil(options.crowd / 4))) });
  if (options.crowd > 0) welcome(startCrowd({ size: options.crowd, apiUrl: consumerUrl, launch, onFault: tellOnce }), options.crowd);
}

/** Enough that a visitor may well not be drawn. */
const fewestEntrants = 8;

interface Drawing {
  readonly adminUrl: string;
  readonly consumerUrl: string;
  readonly launch: DemoLaunch;
  readonly drawSequenceId: string;
  readonly entrants: number;
}

function keepDrawing({ adminUrl, consumerUrl, launch, drawSequenceId, entrants }: Drawing): void {
  const crowd = createDrawCrowd({ size: entrants, apiUrl: consumerUrl, launch, onFault: tellOnce });
  const rounds = startDrawRounds({ adminUrl, secretKey: launch.secretKey, sequenceId: drawSequenceId, onOpen: crowd.come, onFault: tellOnce });
  closers.unshift(() => crowd.stop());
  closers.unshift(() => rounds.stop());
}

function welcome(crowd: Crowd, size: number): void {
  closers.unshift(() => crowd.stop());
  progress.say(`  ${size} simulated shoppers are on their way.\n`);
}

let told = false;
function tellOnce(error: unknown): void {
  if (told) return;
  told = true;
  progress.say(`  One of the crowd gave up: ${oneLine(error)}`);
}

const oneLine = (error: unknown): string => (error instanceof Error ? error.message : String(error));

let ending = false;
async function end(code: number): Promise<void> {
  if (ending) process.exit(code);
  ending = true;
  for (const close of closers) await close();
  process.exit(code);
}
// Ctrl-C reaches this process through the terminal and again through whoever started it; that is one wish, not two.
const sameWishMs = 1_000;
let wishedAt = -Infinity;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    if (performance.now() - wishedAt < sameWishMs) return;
    wishedAt = performance.now();
    progress.say(ending ? "Ending at once." : "\nClosing: answering what was asked, then ending. Once more ends at once.");
    void end(ending ? 1 : 0);
  });
}

start().catch((error: unknown) => {
  progress.say(oneLine(error));
  void end(1);
});
