import { findChromium, findFirefox } from "./browser.mjs";
import { command, toolEnvironment } from "./command.mjs";

if (process.argv[2] === "faults") {
  await command(process.execPath, ["--conditions=@fanfare-io/source", "e2e/faults/soak.ts", ...process.argv.slice(3)], { env: toolEnvironment, show: true });
  process.exit(0);
}

const firefox = await findFirefox();
const env = { ...toolEnvironment, CHROMIUM_PATH: await findChromium(), ...(firefox === undefined ? {} : { FIREFOX_PATH: firefox }) };
await command(process.execPath, ["--conditions=@fanfare-io/source", "e2e/soak.ts", ...process.argv.slice(2)], { env, show: true });
