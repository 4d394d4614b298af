// `npm run soak`: the cases of sessions in real browsers, over and over, with load beside them; writes docs/benchmarks-sessions.md. `npm run soak -- faults`: faults under load; writes docs/operations/faults.md.
import "./node-version.mjs";
import { continueUnderPinnedNode, ensureInstalled } from "./install.mjs";

ensureInstalled();
continueUnderPinnedNode("tools/soak-all.mjs", process.argv.slice(2));
