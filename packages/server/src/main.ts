#!/usr/bin/env node
// Nothing is imported before the version is known: an older Node would fail on a missing module, which tells nobody what to do.
const needed: readonly [number, number] = [22, 13];
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < needed[0] || (major === needed[0] && minor < needed[1])) {
  console.error(`Fanfare needs Node ${needed.join(".")} or newer; this is ${process.version}.`);
  process.exitCode = 1;
} else {
  if (process.argv[2] === "start") (await import("./cli/frugal-start.ts")).beginFrugally();
  const { listenForStop } = await import("./cli/stop-signals.ts");
  // Other commands have nothing to put in order: there a signal ends the process, as ever.
  const stop = process.argv[2] === "start" ? listenForStop() : undefined;
  const { runCommand } = await import("./cli/run-command.ts");
  process.exitCode = await runCommand(process.argv.slice(2), process.env, stop);
}
