// `npm run bench`: figures beside a bare server's, on both databases, in one run; writes docs/benchmarks.md.
import "./node-version.mjs";
import { continueUnderPinnedNode, ensureInstalled } from "./install.mjs";

ensureInstalled();
continueUnderPinnedNode("tools/bench-all.mjs", process.argv.slice(2));
