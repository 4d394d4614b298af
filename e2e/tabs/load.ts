import { cpus, loadavg } from "node:os";
import { Worker } from "node:worker_threads";

// Works for a share of each tenth of a second, then rests.
const burn = `
const { workerData } = require("node:worker_threads");
const slice = 100;
const work = () => {
  for (const end = performance.now() + slice * workerData; performance.now() < end;);
  setTimeout(work, slice * (1 - workerData));
};
work();
`;

/** Something that works beside the browsers. */
export interface Load {
  stop(): void;
}

/** Keeps as many threads as the machine has cores busy for a share of their time until stopped; 1 is one that never rests beside each core's own work. */
export function startLoad(share: number): Load {
  const workers = share > 0 ? cpus().map(() => new Worker(burn, { eval: true, workerData: share })) : [];
  return { stop: () => workers.forEach((worker) => void worker.terminate()) };
}

/** How many threads wanted a core in the last minute, whoever they belong to: 2 on two cores is a machine that is just full. */
export const runnable = (): number => loadavg()[0] ?? 0;
