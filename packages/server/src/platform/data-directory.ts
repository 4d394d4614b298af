import { accessSync, constants, mkdirSync } from "node:fs";
import { ConfigError } from "./config.ts";

/** Makes the data directory where it is missing. Raises `ConfigError` where nothing can be kept there. */
export function useDataDirectory(directory: string): void {
  try {
    // Shoppers' rows and the service's secrets will lie in it; other accounts of the machine have no business there.
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const reason = reasons[(error as NodeJS.ErrnoException).code ?? ""] ?? (error as Error).message;
    throw new ConfigError(`The data directory ${directory} cannot be used: ${reason}. Set FANFARE_DATA_DIR to a directory that this user may write to.`);
  }
}

const reasons: Readonly<Record<string, string>> = {
  EEXIST: "it is a file",
  ENOTDIR: "a part of its path is a file",
  EACCES: "this user may not write to it",
  EPERM: "this user may not write to it",
  EROFS: "its file system is read-only",
  ENOSPC: "its disk is full",
};
