import { globSync } from "node:fs";
import { root } from "./workspace.mjs";

/**
 * One layer of tests. `files`: what makes it exist; `required`: an empty one is a failure, not a plan.
 * @typedef {{ name: string, project: string, files: string, needs: ("postgres" | "chromium" | "firefox" | "build")[], env?: Record<string, string>, required: boolean }} Layer
 */

/** Every layer, fastest first. @type {Layer[]} */
export const layers = [
  { name: "unit", project: "unit*", files: "{packages,apps,tools,bench}/**/*.test.{ts,tsx,mjs}", needs: [], required: true },
  { name: "database on PGlite", project: "database", files: "packages/**/*.db.test.ts", needs: [], env: { DB: "pglite" }, required: true },
  { name: "database on PostgreSQL", project: "database", files: "packages/**/*.db.test.ts", needs: ["postgres"], env: { DB: "postgres" }, required: true },
  { name: "packed tarballs", project: "pack", files: "tools/**/*.pack.test.{ts,mjs}", needs: ["build"], required: true },
  { name: "end to end", project: "e2e", files: "e2e/**/*.e2e.ts", needs: ["postgres", "chromium", "firefox", "build"], required: true },
];

/** Whether a layer has anything to run. @param {Layer} layer */
export const hasFiles = ({ files }) => globSync(files, { cwd: root, exclude: ["**/node_modules/**", "**/dist/**"] }).length > 0;
