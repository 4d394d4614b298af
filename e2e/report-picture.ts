import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import type { Browser } from "playwright-core";

const main = fileURLToPath(new URL("../packages/server/src/main.ts", import.meta.url));
// The same seed makes the same launch: the picture changes only when the report does.
const crowd = ["--shoppers", "20000", "--arrivals", "spike", "--over", "300"];
const queue = ["--rate", "1200", "--capacity", "3000", "--turn", "180", "--nodes", "3", "--faults", "600"];

/** Takes the picture of a rehearsal's report that the documentation shows. */
export async function takeReport(browser: Browser, path: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "fanfare-report-"));
  try {
    const report = join(folder, "report.html");
    await promisify(execFile)(process.execPath, ["--conditions=@fanfare-io/source", main, "rehearse", "--simulate", ...crowd, ...queue, "--report", report]);
    const page = await browser.newPage({ viewport: { width: 1280, height: 2240 }, colorScheme: "light" });
    await page.goto(pathToFileURL(report).href);
    await page.screenshot({ path, animations: "disabled" });
    await page.close();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
