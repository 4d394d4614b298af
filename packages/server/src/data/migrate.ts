import { readdir, readFile } from "node:fs/promises";
import { DatabaseError } from "./database.ts";
import type { Database } from "./database.ts";

/** One numbered step of the schema. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  /** Whether a binary that does not know this step must not run on it. Said by a first line `-- breaking`. */
  readonly breaking: boolean;
  readonly statements: string;
}

/** The database was migrated by a newer version, in a way that this one cannot work with. */
export class SchemaTooNewError extends Error {
  override readonly name = "SchemaTooNewError";
}

// The same place from `src/data` and from `dist/data`: SQL is shipped as it was written.
const folder = new URL("../../src/data/migrations/", import.meta.url);

/** Reads the package's migrations, in order. */
export async function readMigrations(): Promise<readonly Migration[]> {
  const files = (await readdir(folder)).filter((file) => /^\d{4}-.*\.sql$/.test(file)).toSorted();
  return Promise.all(
    files.map(async (file) => {
      const statements = await readFile(new URL(file, folder), "utf8");
      return { number: Number(file.slice(0, 4)), name: file.slice(5, -4), breaking: statements.startsWith("-- breaking"), statements };
    }),
  );
}

/**
 * Brings the schema up to date, forward only. Any number of nodes may do this at once: the version row goes in first, so the
 * second node waits for the first one's transaction and then finds the step taken. Raises `SchemaTooNewError`.
 */
export async function migrate(db: Database, migrations: readonly Migration[]): Promise<readonly Migration[]> {
  await createVersionTable(db);
  const applied = await db.run<{ number: number; breaking: boolean }>("select number, breaking from schema_migration", []);
  const known = new Set(migrations.map(({ number }) => number));
  if (applied.some((row) => row.breaking && !known.has(row.number)))
    throw new SchemaTooNewError("The database was migrated by a newer Fanfare. Start that version, or a newer one.");
  const done = new Set(applied.map(({ number }) => number));
  const taken: Migration[] = [];
  for (const migration of migrations) {
    if (!done.has(migration.number) && (await take(db, migration))) taken.push(migration);
  }
  return taken;
}

async function take(db: Database, migration: Migration): Promise<boolean> {
  try {
    await db.batch([
      {
        statement: "insert into schema_migration (number, name, breaking, applied_at) values ($1, $2, $3, now())",
        parameters: [migration.number, migration.name, migration.breaking],
      },
      { statement: migration.statements, parameters: [] },
    ]);
    return true;
  } catch (error) {
    // Another node took this step between our look and our insert; its transaction is over, or we would still be waiting.
    if (error instanceof DatabaseError && error.code === "23505" && error.constraint === "schema_migration_pkey") return false;
    throw error;
  }
}

async function createVersionTable(db: Database): Promise<void> {
  const statement =
    "create table if not exists schema_migration (number integer primary key, name text not null, breaking boolean not null, applied_at timestamptz not null)";
  try {
    await db.run(statement, []);
  } catch (error) {
    // Two nodes creating at once meet in the catalog, `if not exists` or not; the other one's table is as good.
    const raced = error instanceof DatabaseError && ["23505", "42P07", "42710"].includes(error.code);
    if (!raced) throw error;
    await db.run(statement, []);
  }
}
