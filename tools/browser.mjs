import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { aptInstall } from "./apt.mjs";

/**
 * One browser: what says where it is, what it is called, where else it lies, and the word that it says of itself.
 * @typedef {{ variable: string, names: string[], elsewhere: string[], word: string }} Kind
 */

/** @type {Kind} */
const chromium = {
  variable: "CHROMIUM_PATH",
  names: ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome"],
  elsewhere: [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/opt/google/chrome/chrome",
  ],
  word: "Chrom",
};

/** @type {Kind} */
const firefox = {
  variable: "FIREFOX_PATH",
  names: ["firefox-esr", "firefox"],
  elsewhere: ["/Applications/Firefox.app/Contents/MacOS/firefox"],
  word: "Firefox",
};

/** A candidate counts when it says its version: distributions ship wrappers that only tell you to install something else. @param {string} path @param {string} word */
function answers(path, word) {
  try {
    accessSync(path, constants.X_OK);
  } catch {
    return false;
  }
  return spawnSync(path, ["--version"], { encoding: "utf8", timeout: 20_000 }).stdout?.includes(word) ?? false;
}

const present = (/** @type {Kind} */ { variable, names, elsewhere, word }) =>
  [process.env[variable] ?? "", ...(process.env.PATH ?? "").split(delimiter).flatMap((folder) => names.map((name) => join(folder, name))), ...elsewhere]
    .filter((path) => path !== "")
    .find((path) => answers(path, word));

/**
 * The path of a Chromium or Chrome: the one named by CHROMIUM_PATH, one on the machine, or one that apt brings.
 * @returns {Promise<string>} @throws with what to do when there is none to be had.
 */
export async function findChromium() {
  const found = present(chromium);
  if (found) return found;
  const problem = await aptInstall(["chromium"]);
  const installed = present(chromium);
  if (installed) return installed;
  throw new Error(`No Chromium: install one, or name one in CHROMIUM_PATH. (${problem ?? "apt installed none that runs"})`);
}

/**
 * The path of a Firefox, likewise. Nobody is made to have one: without it, its cases are skipped, and this says so.
 * @returns {Promise<string | undefined>}
 */
export async function findFirefox() {
  const found = present(firefox);
  if (found) return found;
  const problem = await aptInstall(["firefox-esr"]);
  const installed = present(firefox);
  if (!installed)
    console.log(`  No Firefox, so what needs one is skipped: install one, or name one in FIREFOX_PATH. (${problem ?? "apt installed none that runs"})`);
  return installed;
}
