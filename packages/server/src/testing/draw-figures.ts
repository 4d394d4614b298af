import { measureDraw } from "./measure-draw.ts";

// One line of JSON for `npm run bench -- --only draw`, from a process of its own, so that nothing else is in its memory.
const [entries = "1000000", winners = "10000"] = process.argv.slice(2);
process.stdout.write(`${JSON.stringify(await measureDraw(Number(entries), Number(winners)))}\n`);
