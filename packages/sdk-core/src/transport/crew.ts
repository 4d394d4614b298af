import { createScrypt } from "../lib/scrypt.ts";
import { createSearch } from "./search.ts";
import type { Find, Share } from "./search.ts";

/** What of a browser a crew is made from; any of it may be missing, or refused by the page's content security policy. */
export type CrewGlobals = Partial<Pick<typeof globalThis, "Worker" | "Blob" | "URL" | "navigator">>;

/** Each takes four megabytes, and a phone has eight cores at most that are worth it. */
const mostWorkers = 8;

// Both parts come as their own text: there is no file that a worker could be made from wherever this package is bundled to.
const workerText = (): string =>
  `const createSearch=${createSearch.toString()};const createScrypt=${createScrypt.toString()};
onmessage=({data})=>{const next=createSearch(createScrypt,data);let found;while(found===undefined)found=next();postMessage(found)}`;

/**
 * Shares the work out among as many workers as the device has cores, off the page's own thread. Null where there was nothing to find, undefined
 * where no worker may be made: `worker-src blob:` is not in the page's content security policy, or the browser has none.
 */
export async function searchInWorkers(
  share: Omit<Share, "first" | "step">,
  { Worker, Blob, URL, navigator }: CrewGlobals = globalThis,
): Promise<Find | null | undefined> {
  if (!Worker || !Blob || !URL) return undefined;
  const step = Math.max(1, Math.min(mostWorkers, navigator?.hardwareConcurrency ?? 2));
  const url = URL.createObjectURL(new Blob([workerText()], { type: "text/javascript" }));
  const workers: Worker[] = [];
  try {
    return await new Promise<Find | null | undefined>((resolve, reject) => {
      let left = step;
      for (let first = 0; first < step; first++) {
        const worker = new Worker(url);
        workers.push(worker);
        worker.addEventListener("message", ({ data }: MessageEvent<Find | null>) => {
          if (data !== null || --left === 0) resolve(data);
        });
        worker.addEventListener("error", reject);
        worker.postMessage({ ...share, first, step });
      }
    });
  } catch {
    return undefined;
  } finally {
    for (const worker of workers) worker.terminate();
    URL.revokeObjectURL(url);
  }
}
