import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { toNodeHandler } from "better-auth/node";
import { anonymous } from "better-auth/plugins";
import pg from "pg";

// What people would otherwise install: better-auth with its anonymous plugin, on PostgreSQL, limits and log off as with us. Run as a process of its own; prints its address.

const server = createServer((request, response) => void handle(request, response));
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const auth = betterAuth({
  baseURL: url,
  secret: "0123456789abcdef0123456789abcdef",
  database: new pg.Pool({ connectionString: process.env["DATABASE_URL"], max: 10, options: "-c search_path=better_auth" }),
  plugins: [anonymous()],
  rateLimit: { enabled: false },
  logger: { disabled: true },
  telemetry: { enabled: false },
});
const handle = toNodeHandler(auth);
const schema = new pg.Client({ connectionString: process.env["DATABASE_URL"] });
await schema.connect();
await schema.query("create schema if not exists better_auth");
await schema.end();
await (await getMigrations(auth.options)).runMigrations();
process.stdout.write(`${url}\n`);
