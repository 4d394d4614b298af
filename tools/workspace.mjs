import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the repository, without a trailing slash. */
export const root = fileURLToPath(new URL("..", import.meta.url)).replace(/[/\\]$/, "");

/** What npm gets from us, in the order in which it must be built. */
export const published = ["packages/contract", "packages/draw-proof", "packages/sdk-core", "packages/sdk-react", "packages/sdk-server", "packages/server"];

/** @param {string} path relative to the root @returns {any} */
export const readJson = (path) => JSON.parse(readFileSync(join(root, path), "utf8"));

/** Every workspace folder, the published ones first. @type {string[]} */
export const workspaces = [
  ...published,
  ...readJson("package.json")
    .workspaces.flatMap((/** @type {string} */ pattern) =>
      pattern.endsWith("/*") ? readdirSync(join(root, pattern.slice(0, -2))).map((name) => pattern.slice(0, -1) + name) : [pattern],
    )
    .filter((/** @type {string} */ folder) => !published.includes(folder) && existsSync(join(root, folder, "package.json"))),
];

/** The Node that the project pins; everything but the two front doors (`npm start`, `npm test`) runs under it. */
export const pinnedNode = join(root, "node_modules/node/bin/node");

/** Where TypeScript 7 lies; `typescript` itself is the last version with a JavaScript API, for tools that need one. */
export const tsc = join(root, "node_modules/typescript-7/bin/tsc");
