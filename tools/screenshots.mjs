// `npm run screenshots`: takes the pictures of the storefront anew, against a running service, in a real browser.
import "./node-version.mjs";
import { findChromium } from "./browser.mjs";
import { continueUnderPinnedNode, ensureInstalled } from "./install.mjs";

ensureInstalled();
process.env.CHROMIUM_PATH = await findChromium();
continueUnderPinnedNode("e2e/screenshots.ts", process.argv.slice(2), { source: true });
