import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the repository, without a trailing slash. */
export const root = fileURLToPath(new URL("..", import.meta.url)).replace(/[/\\]$/, "");

/** Every workspace folder, the published ones first and in the order in which they must be built. */
export const published = ["packages/contract", "packages/sdk-core", "packages/sdk-react", "packages/sdk-server", "packages/server"];
export const workspaces = [...published, "packages/testing", "apps/storefront", "bench", "e2e"];

/** The Node that the project pins; everything but the two front doors (`npm start`, `npm test`) runs under it. */
export const pinnedNode = join(root, "node_modules/node/bin/node");

/** Where TypeScript 7 lies; `typescript` itself is the last version with a JavaScript API, for tools that need one. */
export const tsc = join(root, "node_modules/typescript-7/bin/tsc");

/** @param {string} path relative to the root @returns {any} */
export const readJson = (path) => JSON.parse(readFileSync(join(root, path), "utf8"));

/** Whether a workspace has anything to compile yet. @param {string} folder */
export const hasSources = (folder) => existsSync(join(root, folder, "tsconfig.json"));
