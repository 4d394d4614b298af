import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import pg from "pg";

// The floor of sessions: what it costs to do nothing but the necessary with bare `node:http` and `pg`. A guest is two rows in one statement and two sealed tokens;
// a refresh checks a seal and moves one counter. No limits, no log, no headers but the needed, no tenants. Run as a process of its own; prints its address.

const pool = new pg.Pool({ connectionString: process.env["DATABASE_URL"], max: 10 });
await pool.query(`
  create schema if not exists floor;
  create table if not exists floor.consumer (id uuid primary key, created_at timestamptz not null);
  create table if not exists floor.session (id uuid primary key, consumer_id uuid not null, counter integer not null, expires_at timestamptz not null);`);

const key = Buffer.alloc(32, 7);
const seal = (text: string): string => `${text}.${createHmac("sha256", key).update(text).digest("base64url")}`;

const answer = (consumerId: string, sessionId: string, counter: number): string => {
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  return JSON.stringify({
    accessToken: seal(`a.${consumerId}.${sessionId}.${Date.now() + 600_000}`),
    refreshToken: seal(`r.${consumerId}.${sessionId}.${counter}`),
    tokenType: "Bearer",
    expiresInSeconds: 600,
    session: { type: "guest", consumerId, guestId: consumerId, expiresAt, bound: false },
  });
};

async function guest(): Promise<string> {
  const [consumerId, sessionId] = [randomUUID(), randomUUID()];
  await pool.query({
    name: "guest",
    text: `with made as (insert into floor.consumer values ($1, now()) returning id)
      insert into floor.session select $2, id, 0, now() + interval '1 hour' from made`,
    values: [consumerId, sessionId],
  });
  return answer(consumerId, sessionId, 0);
}

async function refresh(token: string): Promise<string | null> {
  const at = token.lastIndexOf(".");
  const [good, given] = [Buffer.from(seal(token.slice(0, at))), Buffer.from(token)];
  if (good.length !== given.length || !timingSafeEqual(good, given)) return null;
  const [, consumerId = "", sessionId = "", counter = ""] = token.split(".");
  const { rowCount } = await pool.query({
    name: "refresh",
    text: "update floor.session set counter = counter + 1, expires_at = now() + interval '1 hour' where id = $1 and counter = $2",
    values: [sessionId, Number(counter)],
  });
  return rowCount === 1 ? answer(consumerId, sessionId, Number(counter) + 1) : null;
}

const server = createServer((request, response) => {
  const serve = async (): Promise<void> => {
    const body = await read(request);
    const text = request.url === "/guest" ? await guest() : await refresh((body as { refreshToken: string }).refreshToken);
    if (text === null) return void response.writeHead(401).end();
    response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(text) }).end(text);
  };
  void serve().catch(() => response.destroy());
});
server.listen(0, "127.0.0.1", () => process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`));

async function read(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return chunks.length === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString());
}
