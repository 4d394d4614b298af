import { join, resolve } from "node:path";
import { lockDataDirectory } from "./data-lock.ts";
import type { Database } from "./database.ts";
import { migrate, readMigrations } from "./migrate.ts";
import { openPGlite } from "./pglite.ts";
import { migrationLimits, openPostgres, requestLimits } from "./postgres.ts";

/** Where the rows live (contract §9). */
export interface DatabaseOptions {
  /** `postgres://…`; without one, the embedded database under `dataDirectory`. */
  readonly url: string | undefined;
  readonly dataDirectory: string;
  readonly poolSize: number;
  readonly onIdleError: (error: Error) => void;
}

/**
 * Opens the database that the configuration names, locked where it is ours alone, and migrated.
 * Raises `DataDirectoryInUseError`, `SchemaTooNewError`, `DatabaseError`.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  return options.url === undefined ? openEmbedded(resolve(options.dataDirectory)) : openServer(options, options.url);
}

async function openServer(options: DatabaseOptions, url: string): Promise<Database> {
  const migrating = openPostgres({ url, poolSize: 1, limits: migrationLimits, onIdleError: options.onIdleError });
  try {
    await migrate(migrating, await readMigrations());
  } finally {
    await migrating.close();
  }
  return openPostgres({ url, poolSize: options.poolSize, limits: requestLimits, onIdleError: options.onIdleError });
}

async function openEmbedded(directory: string): Promise<Database> {
  const lock = lockDataDirectory(directory);
  try {
    const database = await openPGlite({ directory: join(directory, "database") });
    const close = async (): Promise<void> => {
      await database.close();
      lock.release();
    };
    try {
      await migrate(database, await readMigrations());
    } catch (error) {
      await database.close();
      throw error;
    }
    return Object.freeze<Database>({ ...database, close });
  } catch (error) {
    lock.release();
    throw error;
  }
}
