import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const main = fileURLToPath(new URL("../main.ts", import.meta.url));
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fanfare-cli-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Starts `fanfare` with an environment of its own: nothing of the test runner's reaches it. */
function fanfare(words: readonly string[], variables: Readonly<Record<string, string>> = {}) {
  const env = { PATH: process.env["PATH"], FANFARE_DATA_DIR: folder, CONSUMER_PORT: "0", ADMIN_PORT: "0", LOG_LEVEL: "warn", ...variables };
  const child = spawn(process.execPath, ["--conditions=@fanfare-io/source", main, ...words], { env, stdio: ["ignore", "pipe", "pipe"] });
  const output = { out: "", err: "" };
  child.stdout.on("data", (chunk: Buffer) => (output.out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output.err += chunk.toString()));
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, ...output }));
  return { child, ended, output };
}

test("a service starts, takes an organization, refuses a second one on its directory, and drains on a signal", async () => {
  const service = fanfare(["start", "--json"]);
  await expect.poll(() => service.output.out, { timeout: 30_000 }).toContain("\n");
  expect(service.output.out.trim().split("\n")).toHaveLength(1);
  const { consumerUrl, adminUrl } = JSON.parse(service.output.out) as { consumerUrl: string; adminUrl: string };

  const words = ["org", "create", "--name", "Demo", "--id", "org_demo", "--publishable-key", "pk_test_demo", "--json"];
  const created = await fanfare([...words, "--admin-url", adminUrl]).ended;
  expect(JSON.parse(created.out)).toMatchObject({ organization: { id: "org_demo" }, publishableKey: "pk_test_demo" });
  const again = await fanfare([...words, "--admin-url", adminUrl]).ended;
  expect(again).toMatchObject({ code: 1, out: "" });
  expect(again.err).toMatch(/^fanfare: .*exists already.*\n$/);
  const guest = await fetch(`${consumerUrl}/auth/guest`, { method: "POST", headers: { "X-Publishable-Key": "pk_test_demo" } });
  expect(guest.status).toBe(201);

  const rotated = await fanfare(["keys", "rotate", "--json", "--admin-url", adminUrl]).ended;
  const { keys } = JSON.parse(rotated.out) as { keys: { kid: string }[] };
  const jwks = (await (await fetch(`${consumerUrl}/.well-known/jwks.json`)).json()) as { keys: { kid: string }[] };
  expect(jwks.keys.map((key) => key.kid)).toEqual(keys.map((key) => key.kid));
  expect(keys).toHaveLength(2);

  const second = await fanfare(["start"]).ended;
  expect(second).toMatchObject({ code: 1, out: "" });
  expect(second.err).toMatch(/^fanfare: Another Fanfare service is running on .*\n$/);

  service.child.kill("SIGTERM");
  expect(await service.ended).toMatchObject({ code: 0, err: "" });
});

test("what a person can put right is said in one line, with the fix", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const port = String((taken.address() as AddressInfo).port);
  const cases: [readonly string[], Record<string, string>, RegExp][] = [
    [["start"], { CONSUMER_PORT: port }, /^fanfare: Port \d+ on 127\.0\.0\.1 is taken\. Set CONSUMER_PORT/],
    [["start"], { DATABASE_URL: "postgres://fan:secret@127.0.0.1:1/x" }, /^fanfare: The database cannot be reached: .*DATABASE_URL/],
    [["start"], { NODE_ENV: "production" }, /^fanfare: Production needs FANFARE_SECRETS_FILE/],
    [["start"], { FANFARE_SIGNING_KEY: "a".repeat(43) }, /^fanfare: FANFARE_SIGNING_KEY, FANFARE_TOKEN_SECRET and FANFARE_OPERATOR_KEY go together/],
    [
      ["start"],
      { FANFARE_HOST: "192.0.2.1", FANFARE_DATA_DIR: join(folder, "elsewhere") },
      /^fanfare: FANFARE_HOST is 192\.0\.2\.1, which is no address of this machine/,
    ],
    [["start"], { ADMIN_PORT: "many" }, /^fanfare: ADMIN_PORT must be a port number/],
    [["start"], { FANFARE_DATA_DIR: main }, /^fanfare: The data directory .* cannot be used: it is a file\. Set FANFARE_DATA_DIR/],
    [["migrate"], { FANFARE_DATA_DIR: join(main, "data") }, /^fanfare: The data directory .* cannot be used: a part of its path is a file\./],
    [["start", "--fast"], {}, /^fanfare: Unknown option/],
    [["migrate", "now"], {}, /^fanfare: Unexpected argument 'now'/],
    [["fly"], {}, /^fanfare: There is no command "fly"/],
    [["rehearse", "--simulate", "--shoppers", "many"], {}, /^fanfare: --shoppers has to be a whole number/],
    [["org", "create"], {}, /^fanfare: fanfare org create needs --name/],
    [["org", "create", "--name", "X", "--admin-url", "http://127.0.0.1:1"], {}, /^fanfare: No service answers at/],
  ];
  const check = async ([words, variables, message]: (typeof cases)[number]): Promise<void> => {
    const { code, out, err } = await fanfare(words, variables).ended;
    expect(err).toMatch(message);
    expect([code, out, err.trim().split("\n").length]).toEqual([1, "", 1]);
    expect(err).not.toContain("secret@");
  };
  await Promise.all(cases.map(check));
  taken.close();
});

test("whoever asks a command for help gets help, and nothing is done", async () => {
  for (const words of [["migrate", "--help"], ["org", "create", "-h"], ["help"], []]) {
    const { code, out, err } = await fanfare(words, { FANFARE_DATA_DIR: main }).ended;
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain("fanfare migrate");
  }
});
