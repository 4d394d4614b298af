import { parentPort } from "node:worker_threads";
import { entryBytes, hashLeaves, rankEntries, rootOf, toHex } from "@fanfare-io/fanfare-draw-proof";
import { entriesPerBlock } from "./workbench-messages.ts";
import type { WorkbenchReply, WorkbenchRequest } from "./workbench-messages.ts";

const port = parentPort;
if (port === null) throw new Error("This file is the thread in which a draw is computed.");

let entries = new Uint8Array();
let blockRoots = new Uint8Array();
let filled = 0;
/** So many blocks have their roots. */
let rooted = 0;
const blockBytes = entriesPerBlock * entryBytes;

port.on("message", (request: WorkbenchRequest) => {
  const reply = perform(request);
  port.postMessage(reply);
});

function perform(request: WorkbenchRequest): WorkbenchReply {
  switch (request.kind) {
    case "begin":
      entries = new Uint8Array(request.entries * entryBytes);
      blockRoots = new Uint8Array(Math.ceil(entries.length / blockBytes) * 32);
      [filled, rooted] = [0, 0];
      return { kind: "ready" };
    case "add":
      entries.set(request.bytes, filled);
      filled += request.bytes.length;
      // While the database reads what comes next, which is a thread of its own.
      rootBlocks();
      return { kind: "ready" };
    case "root":
      return rootOfList();
    case "rank":
      return rankList(request.key, request.winnerCount);
  }
}

function demandWhole(): void {
  if (filled !== entries.length) throw new Error(`The list has ${entries.length / entryBytes} tickets, but ${filled / entryBytes} entries came.`);
}

function rootBlocks(): void {
  for (; (rooted + 1) * blockBytes <= filled || (filled === entries.length && rooted * blockBytes < filled); rooted++) {
    blockRoots.set(rootOf(hashLeaves(entries.subarray(rooted * blockBytes, (rooted + 1) * blockBytes), entryBytes)), rooted * 32);
  }
}

function rootOfList(): WorkbenchReply {
  demandWhole();
  return { kind: "root", root: rootOf(blockRoots), blockRoots };
}

function rankList(key: Uint8Array, winnerCount: number): WorkbenchReply {
  demandWhole();
  const ranking = rankEntries(entries, key);
  const { length } = ranking.tickets;
  const tickets = new DataView(new ArrayBuffer(4 * length));
  const ranks = new DataView(new ArrayBuffer((4 * entries.length) / entryBytes));
  ranking.tickets.forEach((ticket, at) => {
    tickets.setUint32(4 * at, ticket);
    ranks.setUint32(4 * (ticket - 1), at + 1);
  });
  const drawn = Math.min(winnerCount, length);
  return {
    kind: "ranked",
    ranked: length,
    winners: [...ranking.tickets.subarray(0, drawn)],
    cutoff: drawn === 0 ? null : toHex(ranking.scoreAt(drawn - 1)),
    tickets: new Uint8Array(tickets.buffer),
    ranks: new Uint8Array(ranks.buffer),
  };
}
