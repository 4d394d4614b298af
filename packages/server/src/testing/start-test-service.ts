import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CreatedOrganization, CreateOrganizationRequest } from "@fanfare-io/fanfare-contract";
import { createFanfareServer } from "../app.ts";
import type { FanfareAddresses } from "../app.ts";
import type { Database } from "../data/database.ts";
import { openTestDatabase } from "../data/testing/open-test-database.ts";
import type { ChallengeCosts } from "../platform/challenges.ts";
import type { Clock } from "../platform/clock.ts";
import { readConfig } from "../platform/config.ts";
import { createLog } from "../platform/log.ts";
import { loadSecrets } from "../platform/secrets.ts";

/** An answer, as far as tests look at it. */
export interface TestAnswer {
  readonly status: number;
  readonly headers: Headers;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests read bodies field by field and say what they expect there
  readonly body: any;
}

export interface TestRequest {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is. */
  readonly raw?: string | Uint8Array;
}

/** The whole service on free ports of loopback, over a database of its own. */
export interface TestService extends FanfareAddresses {
  readonly db: Database;
  readonly operatorKey: string;
  /** The variables that give another node the same secrets. */
  readonly secrets: Readonly<Record<string, string>>;
  /** What the service logged, line by line. */
  readonly logged: readonly string[];
  ask(plane: "consumer" | "admin", method: string, path: string, request?: TestRequest): Promise<TestAnswer>;
  createOrganization(request?: Partial<CreateOrganizationRequest>): Promise<CreatedOrganization>;
  stop(): Promise<void>;
}

/** What a test puts in the place of the real thing. */
export interface TestParts {
  /** What the service gets instead of its database: to fail or to wait on purpose. */
  readonly through?: (db: Database) => Database;
  /** What the node takes for the time of day. */
  readonly clock?: Clock;
  /** How much work challenges are; as much as always unless said. */
  readonly challengeCosts?: ChallengeCosts;
  /** Another node over the same database, which has to be a server; it is stopped last. */
  readonly beside?: TestService;
}

/** Starts it, with answers checked against the contract. `variables` are environment variables. */
export async function startTestService(variables: Readonly<Record<string, string>> = {}, parts: TestParts = {}): Promise<TestService> {
  const dataDirectory = await mkdtemp(join(tmpdir(), "fanfare-service-"));
  // Nodes share their secrets, or none could read what another has signed.
  const shared = parts.beside === undefined ? {} : parts.beside.secrets;
  const environment = { ...shared, CONSUMER_PORT: "0", ADMIN_PORT: "0", FANFARE_DATA_DIR: dataDirectory, RATE_LIMITS: "off", ...variables };
  const config = { ...readConfig(environment), validateAnswers: true };
  const logged: string[] = [];
  const { beside } = parts;
  const database = beside === undefined ? await openTestDatabase() : { db: beside.db, close: async () => {} };
  const server = createFanfareServer(config, {
    log: createLog("info", { write: (line: string) => void logged.push(line) }),
    ...(parts.clock === undefined ? {} : { clock: parts.clock }),
    ...(parts.challengeCosts === undefined ? {} : { challengeCosts: parts.challengeCosts }),
    openDatabase: async () => ({ ...(parts.through?.(database.db) ?? database.db), close: async () => {} }),
  });
  const addresses = await server.start();
  const loaded = loadSecrets(config);
  const { operatorKey } = loaded;

  async function ask(plane: "consumer" | "admin", method: string, path: string, request: TestRequest = {}): Promise<TestAnswer> {
    const body = request.raw ?? (request.json === undefined ? undefined : JSON.stringify(request.json));
    const headers = { ...(request.json === undefined ? {} : { "Content-Type": "application/json" }), ...request.headers };
    const response = await fetch(`${plane === "consumer" ? addresses.consumerUrl : addresses.adminUrl}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: body as string }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === "" ? undefined : JSON.parse(text) };
  }

  return {
    ...addresses,
    db: database.db,
    operatorKey,
    secrets: {
      FANFARE_OPERATOR_KEY: operatorKey,
      FANFARE_SIGNING_KEY: Buffer.from(loaded.signingKey).toString("base64url"),
      FANFARE_TOKEN_SECRET: Buffer.from(loaded.tokenSecret).toString("base64url"),
    },
    logged,
    ask,
    async createOrganization(request = {}) {
      const answer = await ask("admin", "POST", "/organizations", { headers: { Authorization: `Bearer ${operatorKey}` }, json: { name: "Test", ...request } });
      if (answer.status !== 201) throw new Error(`The organization was refused: ${JSON.stringify(answer.body)}`);
      return answer.body as CreatedOrganization;
    },
    async stop() {
      await server.stop();
      await database.close();
      await rm(dataDirectory, { recursive: true, force: true });
    },
  };
}
