// `npm start`: works on a fresh clone, under any Node from 20.19 on. The demo itself is in apps/demo, under the pinned Node.
import "./node-version.mjs";
import { continueUnderPinnedNode, ensureInstalled } from "./install.mjs";

ensureInstalled();
continueUnderPinnedNode("apps/demo/src/main.ts", process.argv.slice(2), {
  source: true,
  // As `fanfare start` gives itself beside an embedded database (packages/server/src/cli/frugal-start.ts).
  flags: ["--max-semi-space-size=8", "--heap-growing-percent=20"],
});
