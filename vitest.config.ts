import { defineConfig } from "vitest/config";
import { LongestFirst } from "./e2e/longest-first.ts";

// Workspace packages run from their sources, in Vite's graph and in plain Node below it (worker threads, child processes), so nothing has to be built first.
const source = "@fanfare-io/source";
// Without "module", which names builds for bundlers: plain Node, which gets these too, cannot follow the imports of some of them.
const nodeConditions = ["node", "development|production"];
const fromSource = {
  resolve: { conditions: [source, "module", "browser", "development|production"] },
  ssr: { resolve: { conditions: [source, ...nodeConditions], externalConditions: [source, "node"] } },
};
const inNode = { environment: "node", execArgv: [`--conditions=${source}`] };

/** Nothing is a failure for coming late: a second, which is what a poll has otherwise, is soon over on a machine that does other things as well. */
const patient = { expect: { poll: { timeout: 30_000 } } };

const notHere = ["**/node_modules/**", "**/dist/**", "**/.cache/**"];
const database = "**/*.db.test.ts";
const packed = "**/*.pack.test.{ts,mjs}";

const unitFiles = (...extensions: string[]) =>
  extensions.flatMap((extension) => ["packages/**/src", "apps/**/src", "bench", "tools"].map((folder) => `${folder}/**/*.test.${extension}`));

const unit = {
  ...inNode,
  ...patient,
  testTimeout: 60_000,
  exclude: [...notHere, database, packed],
};

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      // One world for all files of a worker: these leave nothing behind in it, and making a new one for each took half of their time.
      { ...fromSource, test: { ...unit, name: "unit", include: unitFiles("ts", "mjs"), isolate: false } },
      // A page of their own each: what React has mounted would stay in it.
      { ...fromSource, test: { ...unit, name: "unit on a page", include: unitFiles("tsx") } },
      {
        ...fromSource,
        // Which database, the runner says: DB=pglite, or DB=postgres with TEST_DATABASE_URL.
        // Two files at a time: each waits for its database for half of its time, and one worker would leave the other core idle.
        test: {
          ...inNode,
          ...patient,
          name: "database",
          include: [`packages/${database}`],
          exclude: notHere,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
        },
      },
      {
        ...fromSource,
        // Two files at a time: most of each is waiting, for a clock on a page or for a service to start.
        test: {
          ...inNode,
          ...patient,
          name: "e2e",
          include: ["e2e/**/*.e2e.ts"],
          exclude: notHere,
          testTimeout: 300_000,
          hookTimeout: 300_000,
          maxWorkers: 2,
          // Once, before any file: two that begin together would build into one folder.
          globalSetup: ["e2e/built-pages.ts"],
        },
      },
      {
        // No source condition: this layer sees what a stranger sees after `npm install`.
        test: {
          name: "pack",
          environment: "node",
          include: [`tools/${packed}`],
          exclude: notHere,
          testTimeout: 300_000,
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
