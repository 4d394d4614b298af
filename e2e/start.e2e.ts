import { spawn } from "node:child_process";
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { arrive, call } from "@fanfare-io/fanfare-testing";
import type { TestLaunch } from "@fanfare-io/fanfare-testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** What the one line says (contract §9). */
interface Ready extends TestLaunch {
  readonly consumerUrl: string;
  readonly adminUrl: string;
  readonly storefrontUrl: string;
}

interface Started {
  readonly child: ChildProcessWithoutNullStreams;
  /** Resolves with the exit code. */
  readonly ended: Promise<number | null>;
  stdout(): string;
  stderr(): string;
}

let dataDir: string;
let started: Started[] = [];
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "fanfare-start-"));
});
afterEach(async () => {
  for (const { child, ended } of started) {
    if (child.exitCode === null && child.signalCode === null) process.kill(-(child.pid ?? 0), "SIGKILL");
    await ended;
  }
  started = [];
  await rm(dataDir, { recursive: true });
});

/** What `npm start -- --json` runs, or npm itself, in a process group of its own as a terminal gives it. */
function start(env: Readonly<Record<string, string>> = {}, command: readonly [string, ...string[]] = ["node", "tools/start.mjs", "--json"]): Started {
  const [program, ...args] = command;
  const child = spawn(program, args, {
    cwd: root,
    detached: true,
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], CONSUMER_PORT: "0", ADMIN_PORT: "0", STOREFRONT_PORT: "0", FANFARE_DATA_DIR: dataDir, ...env },
  });
  child.stdin.end();
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = once(child, "close").then(([code]) => code as number | null);
  const one: Started = { child, ended, stdout: () => stdout, stderr: () => stderr };
  started.push(one);
  return one;
}

async function ready({ child, stdout, stderr }: Started): Promise<Ready> {
  await expect
    .poll(() => (child.exitCode === null ? jsonLines(stdout()).length : `ended with ${child.exitCode}:\n${stderr()}`), { timeout: 120_000, interval: 50 })
    .toBe(1);
  return JSON.parse(jsonLines(stdout())[0] ?? "") as Ready;
}

const jsonLines = (text: string): string[] => text.split("\n").filter((line) => line.startsWith("{"));

/** Ctrl-C, as a terminal sends it: to everybody in the group at once. */
const interrupt = ({ child }: Started): boolean => process.kill(-(child.pid ?? 0), "SIGINT");

/** What was written for people, without npm's own lines and the steps of a start. */
const complaints = ({ stderr }: Started): string[] =>
  stderr()
    .split("\n")
    .filter((line) => line.trim() !== "" && !/^npm |^\s+\S.* … |^Fanfare, the demo launch/.test(line));

describe("npm start -- --json", () => {
  test("says where everything is in one line, keeps ids, keys and places over a restart, and ends with 0 on Ctrl-C", async () => {
    // npm writes lines of its own; a shell of npm's stands in the way of the exit code, so that is looked at below.
    const first = start({}, ["npm", "start", "--", "--json"]);
    const there = await ready(first);
    expect(Object.keys(there).toSorted()).toEqual(
      ["adminUrl", "consumerUrl", "experienceId", "organizationId", "publishableKey", "queueId", "secretKey", "storefrontUrl"].toSorted(),
    );
    expect([there.consumerUrl, there.adminUrl].every((url) => url.endsWith("/api"))).toBe(true);
    expect((await stat(join(dataDir, `demo-${there.organizationId}.json`))).mode & 0o777).toBe(0o600);
    expect(await (await fetch(there.storefrontUrl)).text()).toContain(there.publishableKey);

    await call("PUT", `${there.adminUrl}/queues/${there.queueId}`, { authorization: `Bearer ${there.secretKey}` }, { paused: true });
    const shopper = await arrive(there.consumerUrl, there);
    const place = await shopper.enter();
    interrupt(first);
    await first.ended;
    expect(first.stderr()).toContain("Closing");
    expect(jsonLines(first.stdout())).toHaveLength(1);

    const second = start();
    const again = await ready(second);
    const { consumerUrl: _a, adminUrl: _b, storefrontUrl: _c, ...same } = again;
    expect(there).toMatchObject(same);
    const headers = { "x-publishable-key": again.publishableKey, authorization: `Bearer ${shopper.accessToken}` };
    expect(await call("GET", `${again.consumerUrl}/queues/${again.queueId}/status`, headers)).toMatchObject({
      status: "QUEUED",
      position: place.status === "QUEUED" ? place.position : -1,
    });

    const third = start();
    expect(await third.ended).not.toBe(0);
    expect(complaints(third)).toEqual([expect.stringContaining(dataDir)]);
    expect(third.stdout()).not.toContain("{");
    interrupt(second);
    expect(await second.ended).toBe(0);
  });

  test("ends with everything that it started when a supervisor sends SIGTERM to the one process that it knows", async () => {
    const one = start({}, ["npm", "start", "--", "--json"]);
    const { consumerUrl } = await ready(one);
    one.child.kill("SIGTERM");
    await one.ended;
    await expect
      .poll(
        () =>
          fetch(`${consumerUrl}/healthz`).then(
            () => "up",
            () => "down",
          ),
        { timeout: 20_000 },
      )
      .toBe("down");
  });

  test("names the taken port and the variable that moves it, in one line", async () => {
    const squatter = createServer().listen(0, "127.0.0.1");
    await once(squatter, "listening");
    const { port } = squatter.address() as AddressInfo;
    for (const variable of ["CONSUMER_PORT", "STOREFRONT_PORT"]) {
      const one = start({ [variable]: String(port) });
      expect(await one.ended).not.toBe(0);
      expect(complaints(one)).toEqual([expect.stringMatching(new RegExp(`${port}.*${variable}|${variable}.*${port}`))]);
    }
    squatter.close();
  });
});
