import { cpus } from "node:os";
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

/** Keeps each core busy for a share of its time, 0 to 1, until stopped. */
export function startLoad(share: number): { stop(): void } {
  const workers = share > 0 ? cpus().map(() => new Worker(burn, { eval: true, workerData: share })) : [];
  return { stop: () => workers.forEach((worker) => void worker.terminate()) };
}
