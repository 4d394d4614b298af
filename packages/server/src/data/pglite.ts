import { Worker } from "node:worker_threads";
import { DatabaseError } from "./database.ts";
import type { Database } from "./database.ts";
import type { PGliteReply, PGliteRequest, PGliteWorkerData } from "./pglite-messages.ts";
import { createQueries } from "./queries.ts";

/** An embedded database, which can also write itself out as one file of bytes. */
export interface EmbeddedDatabase extends Database {
  dump(): Promise<Uint8Array>;
}

type Ask = PGliteRequest extends infer R ? (R extends { id: number } ? Omit<R, "id"> : never) : never;
interface Pending {
  readonly resolve: (rows: readonly unknown[]) => void;
  readonly reject: (error: Error) => void;
}

// The same file, from sources or built.
const workerFile = new URL(import.meta.url.endsWith(".ts") ? "./pglite-worker.ts" : "./pglite-worker.js", import.meta.url);

/** Opens the embedded database in a thread of its own: in the service's thread, each statement would stop every answer. */
export async function openPGlite(data: PGliteWorkerData): Promise<EmbeddedDatabase> {
  const worker = new Worker(workerFile, { workerData: data });
  const pending = new Map<number, Pending>();
  let lastId = 0;
  let ended: DatabaseError | undefined;

  const fail = (message: string): void => {
    ended ??= new DatabaseError("connection", message);
    for (const { reject } of pending.values()) reject(ended);
    pending.clear();
  };
  worker.on("error", (error) => fail(`The embedded database stopped: ${error.message}`));
  worker.on("exit", () => fail("The embedded database has been closed."));
  worker.on("message", (reply: PGliteReply) => {
    const waiting = pending.get(reply.id);
    pending.delete(reply.id);
    if ("rows" in reply) waiting?.resolve(reply.rows);
    else waiting?.reject(new DatabaseError(reply.error.code, reply.error.message, reply.error.constraint));
  });

  const ask = (request: Ask): Promise<readonly unknown[]> =>
    new Promise((resolve, reject) => {
      if (ended !== undefined) return reject(ended);
      lastId += 1;
      pending.set(lastId, { resolve, reject });
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      worker.postMessage({ ...request, id: lastId });
    });
  await new Promise<readonly unknown[]>((resolve, reject) => pending.set(0, { resolve, reject }));

  const run = async <Row>(statement: string, parameters: readonly unknown[]): Promise<readonly Row[]> =>
    (await ask({ kind: "run", statement, parameters })) as readonly Row[];
  return Object.freeze<EmbeddedDatabase>({
    profile: "embedded",
    queries: createQueries(run),
    run,
    batch: async (statements) => {
      await ask({ kind: "batch", statements });
    },
    dump: async () => (await ask({ kind: "dump" }))[0] as Uint8Array,
    close: async () => {
      if (ended !== undefined) return;
      await ask({ kind: "close" });
      await worker.terminate();
    },
  });
}
