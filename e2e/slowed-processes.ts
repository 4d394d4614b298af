import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import type { Browser } from "playwright-core";

/** Processes of a browser's pages, as slow as a phone's. */
export interface SlowedProcesses {
  /** CPU seconds that they have used so far. */
  cpuSeconds(): number;
  /** Lets them run at full speed again. */
  release(): Promise<void>;
}

const runMs = 8;
/** Of `/proc/<pid>/stat`, on every Linux that a browser runs on. */
const ticksPerSecond = 100;

/**
 * Lets every page process run one of `slowdown` parts of the time, by stopping and continuing it a hundred times a second: all of its threads, workers
 * included, which the developer tools' own throttling leaves alone.
 */
export async function slowDown(browser: Browser, slowdown: number): Promise<SlowedProcesses> {
  const pids = await pageProcesses(browser);
  let isOver = false;
  const signal = (name: "SIGSTOP" | "SIGCONT"): void => pids.forEach((pid) => process.kill(pid, name));
  async function alternate(): Promise<void> {
    while (!isOver && slowdown > 1) {
      const begunAt = performance.now();
      signal("SIGCONT");
      await pause(runMs);
      signal("SIGSTOP");
      // What they had is what is paid for: a timer that came late let them run for longer.
      await pause((performance.now() - begunAt) * (slowdown - 1));
    }
    signal("SIGCONT");
  }
  const alternating = alternate();
  return {
    cpuSeconds: () => pids.reduce((sum, pid) => sum + cpuSecondsOf(pid), 0),
    async release() {
      isOver = true;
      await alternating;
    },
  };
}

async function pageProcesses(browser: Browser): Promise<readonly number[]> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  return processInfo.filter(({ type }) => type === "renderer").map(({ id }) => id);
}

function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name before it may hold spaces; user and system time are the twelfth and thirteenth after it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}
