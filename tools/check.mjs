// `npm run check`: what a change must survive before it is worth a whole `npm test`. Under a minute on two cores.
import { tool } from "./command.mjs";
import { announce, seconds, step } from "./report.mjs";
import { staticChecks } from "./static-checks.mjs";

const started = performance.now();
announce("check");
let failed = 0;
for (const { name, run } of staticChecks) if (!(await step(name, run)).ok) failed += 1;
if (!(await step("unit tests", () => tool("vitest/vitest.mjs", ["run", "--project", "unit*", "--reporter=dot"], { show: true }))).ok) failed += 1;
console.log(`\ncheck: ${failed === 0 ? "everything holds" : `${failed} failed`}, ${seconds(started)}`);
process.exit(failed === 0 ? 0 : 1);
