import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const migrations = "packages/server/src/data/migrations";
const scope = "@fanfare-io";

/** The service as it was at an earlier commit, with its own packages and today's dependencies. */
export interface OlderVersion {
  readonly commit: string;
  /** What to start. */
  readonly main: string;
  remove(): void;
}

/**
 * Checks an older version out beside this one: `commit`, or the last one before the newest step of the schema, so that an upgrade takes at
 * least that step. Null where the repository does not go back so far.
 */
export function checkOutOlder(commit?: string): OlderVersion | null {
  const older = commit ?? commitBeforeNewestMigration();
  if (older === null) return null;
  const folder = mkdtempSync(join(tmpdir(), "fanfare-older-"));
  const sources = git("archive", "--format=tar", older, "packages");
  execFileSync("tar", ["-x", "-C", folder], { input: sources });
  mkdirSync(join(folder, "node_modules", scope), { recursive: true });
  for (const name of readdirSync(join(root, "node_modules")))
    if (name !== scope) symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name));
  for (const name of readdirSync(join(folder, "packages"))) symlinkSync(join(folder, "packages", name), join(folder, "node_modules", scope, `fanfare-${name}`));
  return {
    commit: git("rev-parse", "--short", older).toString().trim(),
    main: join(folder, "packages/server/src/main.ts"),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function commitBeforeNewestMigration(): string | null {
  try {
    const added = git("log", "--no-merges", "--format=%H", "--diff-filter=A", "-n", "1", "--", migrations).toString().trim();
    return added === "" ? null : git("rev-parse", "--verify", "--quiet", `${added}^`).toString().trim();
  } catch {
    // No repository, or one that was cloned without its past.
    return null;
  }
}

function git(...words: readonly string[]): Buffer {
  return execFileSync("git", ["-C", root, ...words], { maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "ignore"] });
}
