import { randomBytes } from "node:crypto";
import pg from "pg";

/** A database of the test's own on the server that the runner started. */
export interface OwnDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** Makes an empty database beside `TEST_DATABASE_URL`. */
export async function createOwnDatabase(): Promise<OwnDatabase> {
  const base = process.env["TEST_DATABASE_URL"];
  if (base === undefined) throw new Error("TEST_DATABASE_URL is missing: run these tests through `npm test`, which starts a PostgreSQL.");
  const name = `fanfare_e2e_${randomBytes(6).toString("hex")}`;
  await run(base, `create database ${name}`);
  const url = new URL(base);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => run(base, `drop database ${name} with (force)`) };
}

async function run(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(statement);
  await client.end();
}
