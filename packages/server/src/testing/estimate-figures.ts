import { measureEstimates } from "./measure-estimates.ts";

// One line of JSON for `npm run bench -- --only estimates`: seed, runs and people a run as arguments.
const [seed = 1, runs = 3, people = 20_000] = process.argv.slice(2).map(Number);
process.stdout.write(`${JSON.stringify(measureEstimates({ seed, runs, people }))}\n`);
