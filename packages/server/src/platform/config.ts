import { z } from "zod";
import { deliveryVariables, readDelivery } from "./delivery-settings.ts";
import type { DeliverySettings } from "./delivery-settings.ts";

/** A setting that is wrong or missing: the message names the variable and the fix, on one line. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** Whom to believe about a client's address: nobody, the last so many proxies, or proxies in these networks. */
export type TrustProxy =
  | { readonly kind: "none" }
  | { readonly kind: "hops"; readonly count: number }
  | { readonly kind: "networks"; readonly networks: readonly string[] };

/** How the service is set up, read once at the start (contract §9). */
export interface ServerConfig {
  readonly production: boolean;
  /** Unset = the embedded database under `dataDirectory`. */
  readonly databaseUrl: string | undefined;
  readonly databasePoolSize: number;
  readonly dataDirectory: string;
  /** The address to listen on. */
  readonly host: string;
  readonly consumerPort: number;
  readonly adminPort: number;
  /** What browsers call the consumer plane; empty = the listening address. */
  readonly consumerPublicUrls: readonly string[];
  /** Where the rounds of public beacons are asked for; empty = nobody is asked. */
  readonly beaconUrls: readonly string[];
  readonly secretsFile: string | undefined;
  readonly givenSecrets: { readonly signingKey: string | undefined; readonly tokenSecret: string | undefined; readonly operatorKey: string | undefined };
  readonly trustProxy: TrustProxy;
  readonly rateLimits: boolean;
  /** How messages leave the house. */
  readonly delivery: DeliverySettings;
  readonly logLevel: "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "silent";
  /** Whether answers are checked against their schemas: tests and development only. */
  readonly validateAnswers: boolean;
}

const port = (otherwise: number) =>
  z.coerce.number("must be a port number").int("must be a port number").min(0, "must be 0 to 65535").max(65_535, "must be 0 to 65535").default(otherwise);
const address = z.url({ protocol: /^https?$/, error: "must be http(s) addresses, apart by commas" });

const addresses = z
  .string()
  .default("")
  .transform((text) =>
    text
      .split(",")
      .map((part) => part.trim())
      .filter((part) => part !== ""),
  )
  .pipe(z.array(address));

const environment = z.object({
  NODE_ENV: z.string().optional(),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, "must be postgres://user@host/database, or unset for the embedded database")
    .optional(),
  DATABASE_POOL_SIZE: z.coerce.number("must be a number").int().min(2, "must be 2 or more").max(500, "must be at most 500").default(10),
  FANFARE_DATA_DIR: z.string().default("./.fanfare"),
  FANFARE_HOST: z.string().optional(),
  CONSUMER_PORT: port(4802),
  ADMIN_PORT: port(4800),
  CONSUMER_PUBLIC_URLS: addresses,
  BEACON_URLS: addresses,
  FANFARE_SECRETS_FILE: z.string().optional(),
  FANFARE_SIGNING_KEY: z.string().optional(),
  FANFARE_TOKEN_SECRET: z.string().optional(),
  FANFARE_OPERATOR_KEY: z.string().optional(),
  TRUST_PROXY: z.string().default("off").transform(readTrustProxy),
  RATE_LIMITS: z.enum(["on", "off"], "must be on or off").default("on"),
  ...deliveryVariables,
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"], "must be trace, debug, info, warn, error, fatal or silent").default("info"),
});

/** Reads the environment. An empty variable counts as unset. Raises `ConfigError`. */
export function readConfig(variables: Readonly<Record<string, string | undefined>>): ServerConfig {
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined && value !== ""));
  const parsed = environment.safeParse(given);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new ConfigError(`${String(issue?.path[0])} ${issue?.message}.`);
  }
  const values = parsed.data;
  const production = values.NODE_ENV === "production";
  if (production && values.RATE_LIMITS === "off") throw new ConfigError("RATE_LIMITS=off is for load tests; unset it in production.");
  return Object.freeze<ServerConfig>({
    production,
    databaseUrl: values.DATABASE_URL,
    databasePoolSize: values.DATABASE_POOL_SIZE,
    dataDirectory: values.FANFARE_DATA_DIR,
    // A laptop's service is for that laptop; a production one stands in a network of its own.
    host: values.FANFARE_HOST ?? (production ? "0.0.0.0" : "127.0.0.1"),
    consumerPort: values.CONSUMER_PORT,
    adminPort: values.ADMIN_PORT,
    consumerPublicUrls: values.CONSUMER_PUBLIC_URLS,
    beaconUrls: values.BEACON_URLS,
    secretsFile: values.FANFARE_SECRETS_FILE,
    givenSecrets: { signingKey: values.FANFARE_SIGNING_KEY, tokenSecret: values.FANFARE_TOKEN_SECRET, operatorKey: values.FANFARE_OPERATOR_KEY },
    trustProxy: values.TRUST_PROXY,
    rateLimits: values.RATE_LIMITS === "on",
    delivery: readDelivery(values, production, (message) => {
      throw new ConfigError(message);
    }),
    logLevel: values.LOG_LEVEL,
    validateAnswers: false,
  });
}

function readTrustProxy(text: string, context: z.RefinementCtx): TrustProxy {
  if (text === "off" || text === "0") return { kind: "none" };
  if (/^\d{1,2}$/.test(text)) return { kind: "hops", count: Number(text) };
  const networks = text.split(",").map((part) => part.trim());
  if (networks.every((network) => /^[0-9a-fA-F:.]+(\/\d{1,3})?$/.test(network))) return { kind: "networks", networks };
  context.addIssue({ code: "custom", message: "must be off, a number of proxies, or networks such as 10.0.0.0/8" });
  return { kind: "none" };
}
