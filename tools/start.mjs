// `npm start`: works on a fresh clone, under any Node from 20.19 on. The demo itself is in apps/demo, under the pinned Node.
import "./node-version.mjs";
import { continueUnderPinnedNode, ensureInstalled } from "./install.mjs";

ensureInstalled();
continueUnderPinnedNode("apps/demo/src/main.ts", process.argv.slice(2), {
  source: true,
  // As `fanfare start` gives itself (packages/server/src/cli/frugal-start.ts).
  flags: ["--max-semi-space-size=4", "--heap-growing-percent=20"],
});
