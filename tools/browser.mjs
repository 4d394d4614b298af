import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { aptInstall } from "./apt.mjs";

const names = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome"];
const elsewhere = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/opt/google/chrome/chrome",
];

/** A candidate counts when it says its version: distributions ship wrappers that only tell you to install something else. @param {string} path */
function answers(path) {
  try {
    accessSync(path, constants.X_OK);
  } catch {
    return false;
  }
  return spawnSync(path, ["--version"], { encoding: "utf8", timeout: 20_000 }).stdout?.includes("Chrom") ?? false;
}

const present = () =>
  [process.env.CHROMIUM_PATH ?? "", ...(process.env.PATH ?? "").split(delimiter).flatMap((folder) => names.map((name) => join(folder, name))), ...elsewhere]
    .filter((path) => path !== "")
    .find(answers);

/**
 * The path of a Chromium or Chrome: the one named by CHROMIUM_PATH, one on the machine, or one that apt brings.
 * @returns {Promise<string>} @throws with what to do when there is none to be had.
 */
export async function findChromium() {
  const found = present();
  if (found) return found;
  const problem = await aptInstall(["chromium"]);
  const installed = present();
  if (installed) return installed;
  throw new Error(`No Chromium: install one, or name one in CHROMIUM_PATH. (${problem ?? "apt installed none that runs"})`);
}
