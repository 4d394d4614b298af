import { existsSync, globSync } from "node:fs";
import { join } from "node:path";
import { checkBoundaries } from "./boundaries.mjs";
import { tool } from "./command.mjs";
import { checkSizes } from "./size.mjs";
import { root, workspaces } from "./workspace.mjs";

const hasCode = (/** @type {string} */ folder) =>
  existsSync(join(root, folder, "tsconfig.json")) &&
  globSync(`${folder}/**/*.{ts,tsx,mjs}`, { cwd: root, exclude: ["**/node_modules/**", "**/dist/**"] }).length > 0;

/** @type {{ name: string, run: () => unknown }[]} */
const types = [...workspaces, "tools"].filter(hasCode).map((folder) => ({ name: `types ${folder}`, run: () => tool("typescript-7/bin/tsc", ["-p", folder]) }));

/** Everything that can be said about the code without running it; each check throws what is wrong. */
export const staticChecks = [
  ...types,
  { name: "lint", run: () => tool("oxlint/bin/oxlint", ["--deny-warnings"]) },
  { name: "format", run: () => tool("oxfmt/bin/oxfmt", ["--check"]) },
  {
    name: "boundaries",
    run: () => {
      const { violations } = checkBoundaries({ atLeast: 60 });
      if (violations.length > 0) throw new Error(violations.map(({ rule, from, to }) => `${rule}: ${from} -> ${to}`).join("\n"));
    },
  },
  { name: "size of the browser SDKs", run: () => checkSizes() },
];
