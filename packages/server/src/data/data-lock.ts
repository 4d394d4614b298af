import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { useDataDirectory } from "../platform/data-directory.ts";

/** Another process works on this data directory. */
export class DataDirectoryInUseError extends Error {
  override readonly name = "DataDirectoryInUseError";
}

const sqliteBusy = 5;

/**
 * Takes the data directory for this process until `release`. Two processes on one embedded database both acknowledge rows and
 * lose some. The lock is an open SQLite transaction, because the kernel gives such a lock back even when the process is killed;
 * a file with a process id in it would have to be guessed about. Raises `DataDirectoryInUseError`, and
 * `ConfigError` where nothing can be kept there.
 */
export function lockDataDirectory(directory: string): { release(): void } {
  useDataDirectory(directory);
  const file = new DatabaseSync(join(directory, "lock.sqlite"), { timeout: 0 });
  try {
    file.exec("begin exclusive");
  } catch (error) {
    file.close();
    if ((error as { errcode?: number }).errcode !== sqliteBusy) throw error;
    throw new DataDirectoryInUseError(`Another Fanfare service is running on ${directory}. Stop it, or give this one its own FANFARE_DATA_DIR.`);
  }
  return { release: () => file.close() };
}
