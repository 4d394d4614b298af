import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const main = fileURLToPath(new URL("../main.ts", import.meta.url));
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fanfare-stopped-start-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function start(variables: Readonly<Record<string, string>> = {}) {
  const env = { PATH: process.env["PATH"], FANFARE_DATA_DIR: folder, CONSUMER_PORT: "0", ADMIN_PORT: "0", LOG_LEVEL: "warn", ...variables };
  const child = spawn(process.execPath, ["--conditions=@fanfare-io/source", main, "start", "--json"], { env, stdio: ["ignore", "pipe", "pipe"] });
  const output = { out: "", err: "" };
  child.stdout.on("data", (chunk: Buffer) => (output.out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output.err += chunk.toString()));
  const ended = once(child, "close").then(([code, signal]) => ({ code: code as number | null, signal: signal as string | null, ...output }));
  return { child, ended, output };
}

/** Takes connections as PostgreSQL does, and answers no statement; resolves with the first connection. */
async function mutePostgres() {
  const sockets = new Set<Socket>();
  const greeting = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49]);
  const asked = Promise.withResolvers<void>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("data", () => {
      socket.write(greeting);
      socket.once("data", () => asked.resolve());
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { url: `postgres://fan@127.0.0.1:${(server.address() as AddressInfo).port}/x`, asked: asked.promise, close };
}

test("a service that is told to stop while it makes its database stops with 0, and the next start finds everything in order", async () => {
  const first = start();
  await expect.poll(() => existsSync(join(folder, "database")), { timeout: 30_000, interval: 10 }).toBe(true);
  first.child.kill("SIGTERM");
  expect(await first.ended).toMatchObject({ code: 0, signal: null, out: "" });
  const second = start();
  await expect.poll(() => second.output.out, { timeout: 30_000 }).toContain("consumerUrl");
  second.child.kill("SIGTERM");
  expect(await second.ended).toMatchObject({ code: 0, err: "" });
});

test("a service that is told to stop while its database does not answer is cut off, and says so", async () => {
  const database = await mutePostgres();
  try {
    const service = start({ DATABASE_URL: database.url });
    await database.asked;
    service.child.kill("SIGINT");
    const { code, out, err } = await service.ended;
    expect([code, out]).toEqual([0, ""]);
    expect(err).toContain("The start did not come to an end");
  } finally {
    database.close();
  }
});
