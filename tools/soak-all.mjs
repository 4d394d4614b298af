import { findChromium, findFirefox } from "./browser.mjs";
import { command, toolEnvironment } from "./command.mjs";

const firefox = await findFirefox();
const env = { ...toolEnvironment, CHROMIUM_PATH: await findChromium(), ...(firefox === undefined ? {} : { FIREFOX_PATH: firefox }) };
await command(process.execPath, ["--conditions=@fanfare-io/source", "e2e/soak.ts", ...process.argv.slice(2)], { env, show: true });
