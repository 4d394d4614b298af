import { mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ConfigError, readConfig } from "./config.ts";
import { loadSecrets, makeSecrets } from "./secrets.ts";

describe("the environment", () => {
  test("has the defaults of the contract, and an empty variable counts as unset", () => {
    expect(readConfig({ CONSUMER_PORT: "" })).toMatchObject({
      production: false,
      databaseUrl: undefined,
      dataDirectory: "./.fanfare",
      consumerPort: 4802,
      adminPort: 4800,
      rateLimits: true,
      trustProxy: { kind: "none" },
      logLevel: "info",
    });
  });

  test.each([
    [{ CONSUMER_PORT: "http" }, /^CONSUMER_PORT must be a port number/],
    [{ ADMIN_PORT: "70000" }, /^ADMIN_PORT must be 0 to 65535/],
    [{ DATABASE_URL: "mysql://x" }, /^DATABASE_URL must be postgres:/],
    [{ CONSUMER_PUBLIC_URLS: "shop" }, /^CONSUMER_PUBLIC_URLS must be http/],
    [{ TRUST_PROXY: "everyone" }, /^TRUST_PROXY must be off/],
    [{ RATE_LIMITS: "no" }, /^RATE_LIMITS must be on or off/],
    [{ LOG_LEVEL: "loud" }, /^LOG_LEVEL must be trace/],
    [{ NODE_ENV: "production", RATE_LIMITS: "off" }, /^RATE_LIMITS=off is for load tests/],
  ])("%j is refused in one line that names the variable and the fix", (variables, message) => {
    expect(() => readConfig(variables)).toThrow(message);
    expect(() => readConfig(variables)).toThrow(ConfigError);
  });

  test("says whose word about an address counts", () => {
    expect(readConfig({ TRUST_PROXY: "2" }).trustProxy).toEqual({ kind: "hops", count: 2 });
    expect(readConfig({ TRUST_PROXY: "10.0.0.0/8, ::1" }).trustProxy).toEqual({ kind: "networks", networks: ["10.0.0.0/8", "::1"] });
  });
});

describe("secrets", () => {
  const directory = mkdtempSync(join(tmpdir(), "fanfare-secrets-"));

  test("are made once in development, for the owner's eyes, and stay the same", () => {
    const config = readConfig({ FANFARE_DATA_DIR: join(directory, "dev") });
    const made = loadSecrets(config);
    expect(loadSecrets(config)).toEqual(made);
    expect(statSync(join(directory, "dev", "secrets.json")).mode & 0o777).toBe(0o600);
    expect(made.operatorKey).toMatch(/^op_/);
  });

  test("are never made up in production", () => {
    const production = { NODE_ENV: "production", FANFARE_DATA_DIR: join(directory, "prod") };
    expect(() => loadSecrets(readConfig(production))).toThrow(/FANFARE_SECRETS_FILE/);
    const given = makeSecrets();
    const variables = { FANFARE_SIGNING_KEY: given.signingKey, FANFARE_TOKEN_SECRET: given.tokenSecret, FANFARE_OPERATOR_KEY: given.operatorKey };
    expect(loadSecrets(readConfig({ ...production, ...variables })).operatorKey).toBe(given.operatorKey);
    const path = join(directory, "file.json");
    writeFileSync(path, JSON.stringify(given));
    expect(loadSecrets(readConfig({ ...production, FANFARE_SECRETS_FILE: path })).operatorKey).toBe(given.operatorKey);
  });

  test("that are wrong are refused without being shown", () => {
    const path = join(directory, "bad.json");
    writeFileSync(path, '{"signingKey":"c2hvcnQ","tokenSecret"');
    const load = () => loadSecrets(readConfig({ FANFARE_SECRETS_FILE: path }));
    expect(load).toThrow(/not valid JSON/);
    writeFileSync(path, JSON.stringify({ ...makeSecrets(), signingKey: "c2hvcnQ" }));
    expect(load).toThrow(/signingKey must be 32 bytes/);
    expect(load).not.toThrow(/c2hvcnQ/);
    expect(readFileSync(path, "utf8")).toContain("c2hvcnQ");
  });
});
