import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const file = new URL("frugal-start.ts", import.meta.url).href;
// What runs again must not begin anew for ever: the second time the flags are there.
const script = `import { beginFrugally } from ${JSON.stringify(file)}; beginFrugally(); console.log(JSON.stringify([process.execArgv, process.pid]));`;

async function run(
  env: Readonly<Record<string, string>> = {},
  flags: readonly string[] = [],
): Promise<{ readonly flags: readonly string[]; readonly isSameProcess: boolean }> {
  const ran = promisify(execFile)(process.execPath, [...flags, "--import", `data:text/javascript,${encodeURIComponent(script)}`, "--eval", ""], {
    env: { PATH: process.env["PATH"], ...env },
  });
  const { stdout } = await ran;
  const [given, pid] = JSON.parse(stdout.trim().split("\n")[0] ?? "") as [string[], number];
  return { flags: given, isSameProcess: pid === ran.child.pid };
}

test.skipIf(process.platform === "win32")("a service begins anew with small spaces, once, as the same process and with the flags it was given", async () => {
  const { flags, isSameProcess } = await run({ DATABASE_URL: "postgres://localhost/fanfare" }, ["--stack-trace-limit=20"]);
  expect(flags.slice(0, 3)).toEqual(["--max-semi-space-size=4", "--heap-growing-percent=20", "--stack-trace-limit=20"]);
  expect(isSameProcess).toBe(true);
});

test.skipIf(process.platform === "win32")("beside an embedded database, which takes far more, the young space is twice as large", async () => {
  expect((await run()).flags.slice(0, 2)).toEqual(["--max-semi-space-size=8", "--heap-growing-percent=20"]);
});

test("whoever has said how large the spaces are is left alone", async () => {
  expect((await run({ NODE_OPTIONS: "--max-semi-space-size=16" })).flags.join(" ")).not.toContain("growing");
  expect((await run({}, ["--max-semi-space-size=12"])).flags.join(" ")).not.toContain("growing");
});
