// `npm test`: works on a fresh clone, under any Node from 20.19 on. This file is the front door; the work is in test-all.mjs, under the pinned Node.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Fanfare needs Node 20.19 or newer to start with; this is ${process.version}. Get one from https://nodejs.org.`);
  process.exit(1);
}

const { ensureInstalled, continueUnderPinnedNode } = await import("./install.mjs");
ensureInstalled();
continueUnderPinnedNode("tools/test-all.mjs", process.argv.slice(2));
