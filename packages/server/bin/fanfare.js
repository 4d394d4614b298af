#!/usr/bin/env node
// Apart from the built code, because npm links a command only to a file that exists when it installs: in a fresh clone nothing is built yet.
try {
  await import("../dist/main.js");
} catch (error) {
  if (error.code !== "ERR_MODULE_NOT_FOUND" || !error.message.includes("dist/main.js'")) throw error;
  console.error("fanfare: The service is not built yet. `npm run build` does it.");
  process.exitCode = 1;
}
