import { measureLine } from "./measure-line.ts";
import { measureRebuild } from "./measure-rebuild.ts";

// One line of JSON for `npm run bench -- --only line`, from a process of its own, so that nothing else is in its memory.
const waiters = Number(process.argv[2]);
measureLine(10_000);
const figures = { line: measureLine(waiters), rebuild: await measureRebuild(waiters) };
process.stdout.write(`${JSON.stringify(figures)}\n`);
