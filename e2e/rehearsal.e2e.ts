import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createLaunch, startService } from "@fanfare-io/fanfare-testing";
import type { RunningService, TestLaunch } from "@fanfare-io/fanfare-testing";
import { afterAll, beforeAll, expect, test } from "vitest";

const main = fileURLToPath(new URL("../packages/server/src/main.ts", import.meta.url));
let folder: string;
let service: RunningService;
let launch: TestLaunch;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fanfare-rehearsal-"));
  service = await startService({ dataDir: folder });
  launch = await createLaunch(service.adminUrl, service.operatorKey, { admitRate: 1_800, capacity: 40, admissionExpirationSeconds: 10 });
});
afterAll(async () => {
  await service.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Runs `fanfare rehearse` against the service, as an operator would. */
function rehearse(...words: readonly string[]) {
  const where = ["--consumer-url", service.consumerUrl, "--admin-url", service.adminUrl, "--queue", launch.queueId, "--report", join(folder, "report.html")];
  const child = spawn(process.execPath, ["--conditions=@fanfare-io/source", main, "rehearse", ...where, ...words], {
    env: { PATH: process.env["PATH"], FANFARE_PUBLISHABLE_KEY: launch.publishableKey, FANFARE_SECRET_KEY: launch.secretKey },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { out: "", err: "" };
  child.stdout.on("data", (chunk: Buffer) => (output.out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output.err += chunk.toString()));
  return { child, output, ended: once(child, "close").then(([code]) => ({ code: code as number | null, ...output })) };
}

test("a small launch is rehearsed on a running service: everybody gets through, every promise is kept, and the report says so", async () => {
  const crowd = ["--shoppers", "150", "--over", "5", "--arrivals", "bots", "--bots", "0.1", "--shopping", "2", "--abandon", "0.2", "--patience", "3"];
  const { code, out, err } = await rehearse(...crowd, "--absence", "2", "--json").ended;
  expect([code, err.includes("fanfare:")], err).toEqual([0, false]);
  const report = JSON.parse(out);
  expect(report).toMatchObject({
    kind: "live",
    endedBy: "finished",
    limits: { admitRate: 1_800, capacity: 40 },
    totals: { arrived: 150, joined: 150, open: 0, failed: 0 },
  });
  const verdicts = new Map(report.verdicts.map(({ promise, verdict }: { promise: string; verdict: string }) => [promise, verdict]));
  expect([...verdicts].filter(([, verdict]) => verdict === "broken")).toEqual([]);
  expect(verdicts.get("One grant, one order")).toBe("held");
  expect(verdicts.get("Never more people in the shop at once than it allows")).toBe("held");
  expect(report.totals.completed).toBeGreaterThan(50);
  expect(report.latency.map(({ route }: { route: string }) => route)).toEqual(
    expect.arrayContaining(["become a guest", "join the line", "complete the order"]),
  );
  expect(await readFile(join(folder, "report.html"), "utf8")).toContain("promises that could be checked were kept");
});

test("a queue that has let people in before looks like a real launch, and is left alone until its owner insists", async () => {
  const { code, out, err } = await rehearse("--shoppers", "5").ended;
  expect([code, out]).toEqual([1, ""]);
  expect(err).toMatch(/^fanfare: This looks like a real launch: queue_line has let people in before\. .*--yes-this-is-my-service\.\n$/);
});

test("whoever presses Ctrl-C gets the report of what was played so far", async () => {
  const { child, output, ended } = rehearse("--shoppers", "5000", "--arrivals", "poisson", "--over", "600", "--yes-this-is-my-service", "--json");
  await expect.poll(() => output.err, { timeout: 30_000, interval: 100 }).toMatch(/waiting/);
  child.kill("SIGINT");
  const { code, out } = await ended;
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ endedBy: "stopped", scenario: { shoppers: 5_000 } });
});

test("what keeps a rehearsal from beginning is said in one line", async () => {
  const cases: [readonly string[], RegExp][] = [
    [["--admin-url", "http://127.0.0.1:1/api"], /^fanfare: No service answers at http:\/\/127\.0\.0\.1:1\/api\. .*--admin-url\.\n$/],
    [["--queue", "queue_none"], /^fanfare: The queue cannot be read: .*\n$/],
    [["--secret-key", "sk_wrong"], /^fanfare: The queue cannot be read: .*secret key.*\n$/],
    [["--report", join(folder, "no", "such", "folder.html")], /^fanfare: The report cannot be written: .*--report\.\n$/],
  ];
  for (const [words, message] of cases) {
    const { code, out, err } = await rehearse(...words).ended;
    expect(err).toMatch(message);
    expect([code, out]).toEqual([1, ""]);
  }
});
