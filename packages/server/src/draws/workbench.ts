import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { entriesPerBlock } from "./workbench-messages.ts";
import type { WorkbenchReply, WorkbenchRequest } from "./workbench-messages.ts";

/** A thread that holds a closed list and computes on it, so that answers go on meanwhile. */
export interface Workbench {
  /** Takes the list, 35 bytes an entry, in ticket order. */
  load(entries: number, read: (firstTicket: number, count: number) => Promise<Uint8Array>): Promise<void>;
  root(): Promise<Extract<WorkbenchReply, { kind: "root" }>>;
  rank(key: Uint8Array, winnerCount: number): Promise<Extract<WorkbenchReply, { kind: "ranked" }>>;
  close(): Promise<void>;
}

// The same file, from sources or built.
const file = new URL(import.meta.url.endsWith(".ts") ? "./ranking-worker.ts" : "./ranking-worker.js", import.meta.url);
const entriesAtOnce = 5 * entriesPerBlock;

/** Opens the thread. Raises what it raised; then it is of no further use. */
export function openWorkbench(): Workbench {
  const worker = new Worker(file);
  // Asked one after another, so that the next message is the answer.
  async function ask<Kind extends WorkbenchReply["kind"]>(kind: Kind, request: WorkbenchRequest): Promise<Extract<WorkbenchReply, { kind: Kind }>> {
    const answer = once(worker, "message");
    worker.postMessage(request);
    const [reply] = (await answer) as [WorkbenchReply];
    if (reply.kind !== kind) throw new Error(`The workbench answered ${reply.kind} where ${kind} was asked.`);
    return reply as Extract<WorkbenchReply, { kind: Kind }>;
  }
  return Object.freeze<Workbench>({
    async load(entries, read) {
      await ask("ready", { kind: "begin", entries });
      const readFrom = (first: number): Promise<Uint8Array> => read(first, Math.min(entriesAtOnce, entries - first + 1));
      // The next block is read while this one is hashed; never more than that, so that others' questions come in between.
      for (let first = 1, coming = entries === 0 ? null : readFrom(1); coming !== null; first += entriesAtOnce) {
        const bytes: Uint8Array = await coming;
        coming = first + entriesAtOnce > entries ? null : readFrom(first + entriesAtOnce);
        coming?.catch(() => undefined);
        await ask("ready", { kind: "add", bytes });
      }
    },
    root: () => ask("root", { kind: "root" }),
    rank: (key, winnerCount) => ask("ranked", { kind: "rank", key, winnerCount }),
    close: async () => void (await worker.terminate()),
  });
}
