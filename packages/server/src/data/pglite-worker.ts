import { existsSync, openAsBlob } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { parentPort, workerData } from "node:worker_threads";
import { PGlite } from "@electric-sql/pglite";
import type { PGliteReply, PGliteRequest, PGliteWorkerData } from "./pglite-messages.ts";

const int8 = 20;
const int8Array = 1016;
const bytea = 17;
const parsers = {
  [int8]: Number,
  [int8Array]: (text: string) => (text === "{}" ? [] : text.slice(1, -1).split(",").map(Number)),
  // PGlite's own reads and writes byte by byte, some 200 ns each: the list of a draw of a million would take seven seconds. Copied, since
  // a small Buffer is a piece of a large one, all of which would go to the other thread.
  [bytea]: (text: string) => Uint8Array.from(Buffer.from(text.slice(2), "hex")),
};
const serializers = {
  [bytea]: (bytes: Uint8Array) => `\\x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex")}`,
};

const port = parentPort;
if (port === null) throw new Error("This file is the embedded database's worker thread.");

const database = await open(workerData as PGliteWorkerData);
port.on("message", (request: PGliteRequest) => void answer(request));
port.postMessage({ id: 0, rows: [] } satisfies PGliteReply);

async function open(data: PGliteWorkerData): Promise<PGlite> {
  const options = { parsers, serializers, relaxedDurability: false };
  if (data.directory === undefined) return PGlite.create({ ...options, ...(data.dump === undefined ? {} : { loadDataDir: await openAsBlob(data.dump) }) });
  if (!existsSync(data.directory)) {
    // A process killed while the cluster is being made must not leave a directory that looks like one.
    const unfinished = `${data.directory}.unfinished`;
    await rm(unfinished, { recursive: true, force: true });
    const fresh = await PGlite.create({ ...options, dataDir: unfinished });
    await fresh.close();
    await rename(unfinished, data.directory);
  }
  return PGlite.create({ ...options, dataDir: data.directory });
}

async function answer(request: PGliteRequest): Promise<void> {
  try {
    port?.postMessage({ id: request.id, rows: await perform(request) } satisfies PGliteReply);
  } catch (error) {
    const { code, message, constraint } = error as { code?: string; message: string; constraint?: string };
    port?.postMessage({ id: request.id, error: { code: code ?? "connection", message, ...(constraint ? { constraint } : {}) } } satisfies PGliteReply);
  }
}

async function perform(request: PGliteRequest): Promise<readonly unknown[]> {
  switch (request.kind) {
    case "run":
      return (await database.query(request.statement, [...request.parameters])).rows;
    case "batch":
      await database.transaction(async (transaction) => {
        for (const { statement, parameters } of request.statements) {
          if (parameters.length === 0) await transaction.exec(statement);
          else await transaction.query(statement, [...parameters]);
        }
      });
      return [];
    case "dump":
      return [new Uint8Array(await (await database.dumpDataDir("none")).arrayBuffer())];
    case "close":
      await database.close();
      return [];
  }
}
