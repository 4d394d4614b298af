import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { link, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseError } from "../database.ts";
import type { Database } from "../database.ts";
import { migrate, readMigrations } from "../migrate.ts";
import type { Migration } from "../migrate.ts";
import { openPGlite } from "../pglite.ts";
import { openPostgres, requestLimits } from "../postgres.ts";

/** A database of the caller's own; `url` is set where other processes can reach it too. */
export interface TestDatabase {
  readonly db: Database;
  readonly url: string | undefined;
  close(): Promise<void>;
}

/**
 * A fresh, migrated database: embedded by default, on a real server with `DB=postgres` and `TEST_DATABASE_URL`.
 * Each starts as a copy of one that was migrated once, so that a test file pays for the copy only.
 */
export async function openTestDatabase(): Promise<TestDatabase> {
  const migrations = await readMigrations();
  const fingerprint = createHash("sha256").update(JSON.stringify(migrations)).digest("hex").slice(0, 16);
  return process.env["DB"] === "postgres" ? copyTemplate(migrations, fingerprint) : loadDump(migrations, fingerprint);
}

async function loadDump(migrations: readonly Migration[], fingerprint: string): Promise<TestDatabase> {
  const folder = join(tmpdir(), "fanfare-tests");
  const dump = join(folder, `migrated-${fingerprint}.tar`);
  if (!existsSync(dump)) {
    await mkdir(folder, { recursive: true });
    const original = await openPGlite({});
    await migrate(original, migrations);
    const unfinished = `${dump}.${randomBytes(6).toString("hex")}`;
    await writeFile(unfinished, await original.dump());
    await original.close();
    // Of many that make it at once the first one's stays: a file that is replaced while somebody reads it fails them.
    await link(unfinished, dump).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
    await rm(unfinished);
  }
  const db = await openPGlite({ dump });
  return { db, url: undefined, close: () => db.close() };
}

async function copyTemplate(migrations: readonly Migration[], fingerprint: string): Promise<TestDatabase> {
  const base = process.env["TEST_DATABASE_URL"];
  if (base === undefined) throw new Error("DB=postgres needs TEST_DATABASE_URL, the address of a server where databases may be created.");
  const open = (url: string, poolSize: number): Database => openPostgres({ url, poolSize, limits: requestLimits, onIdleError: () => {} });
  const server = open(base, 2);
  const template = `fanfare_template_${fingerprint}`;
  const known = await server.run("select 1 from pg_database where datname = $1", [template]);
  if (known.length === 0) await createTemplate(server, template, (name) => open(withDatabase(base, name), 1), migrations);
  const name = `fanfare_test_${randomBytes(8).toString("hex")}`;
  await server.run(`create database ${name} template ${template}`, []);
  const url = withDatabase(base, name);
  const db = open(url, 10);
  const close = async (): Promise<void> => {
    await db.close();
    await server.run(`drop database ${name} with (force)`, []);
    await server.close();
  };
  return { db, url, close };
}

/** Built under another name and renamed: a template is there in full or not at all, however many test files start at once. */
async function createTemplate(server: Database, template: string, open: (name: string) => Database, migrations: readonly Migration[]): Promise<void> {
  const building = `fanfare_building_${randomBytes(8).toString("hex")}`;
  await server.run(`create database ${building}`, []);
  const fresh = open(building);
  await migrate(fresh, migrations);
  await fresh.close();
  try {
    await server.run(`alter database ${building} rename to ${template}`, []);
  } catch (error) {
    if (!(error instanceof DatabaseError && error.code === "42P04")) throw error;
    await server.run(`drop database ${building}`, []);
  }
}

function withDatabase(url: string, name: string): string {
  const parsed = new URL(url);
  parsed.pathname = `/${name}`;
  return parsed.href;
}
