// `npm test`: works on a fresh clone, under any Node from 20.19 on. This file is the front door; the work is in test-all.mjs, under the pinned Node.
import "./node-version.mjs";
import { continueUnderPinnedNode, ensureInstalled } from "./install.mjs";

ensureInstalled();
continueUnderPinnedNode("tools/test-all.mjs", process.argv.slice(2));
