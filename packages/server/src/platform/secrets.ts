import { randomBytes } from "node:crypto";
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { ConfigError } from "./config.ts";
import type { ServerConfig } from "./config.ts";
import { useDataDirectory } from "./data-directory.ts";

/** What must never leave the service. */
export interface Secrets {
  /** 32 bytes: the Ed25519 seed that signs presentations. */
  readonly signingKey: Uint8Array;
  /** 32 bytes or more: what the service's own tokens are sealed with. */
  readonly tokenSecret: Uint8Array;
  /** `op_…`: may create organizations. */
  readonly operatorKey: string;
}

const operatorKey = z.string().regex(/^op_[A-Za-z0-9_-]{20,}$/, "must be op_ and at least 20 letters or digits");
const seed = z
  .base64url("must be base64url")
  .transform(decode)
  .refine((bytes) => bytes.length === 32, "must be 32 bytes");
const tokenSecret = z
  .base64url("must be base64url")
  .transform(decode)
  .refine((bytes) => bytes.length >= 32, "must be 32 bytes or more");
const file = z.object({ signingKey: seed, tokenSecret, operatorKey });

function decode(text: string): Uint8Array {
  return Buffer.from(text, "base64url");
}

/**
 * The secrets that the environment names, or, in development, those in the data directory, made on the first start.
 * Raises `ConfigError` where they are missing or malformed; in production nothing is made up.
 */
export function loadSecrets(config: ServerConfig): Secrets {
  if (config.secretsFile !== undefined) return readSecretsFile(config.secretsFile);
  const { signingKey, tokenSecret: secret, operatorKey: key } = config.givenSecrets;
  if (signingKey !== undefined && secret !== undefined && key !== undefined) return check({ signingKey, tokenSecret: secret, operatorKey: key }, "environment");
  if (config.production)
    throw new ConfigError(
      "Production needs FANFARE_SECRETS_FILE, or FANFARE_SIGNING_KEY, FANFARE_TOKEN_SECRET and FANFARE_OPERATOR_KEY. `fanfare secrets` prints a fresh set.",
    );
  const given = [signingKey, secret, key].filter((each) => each !== undefined).length;
  // A service that makes up what is missing would work, and end every session on the day that the rest is set.
  if (given > 0)
    throw new ConfigError("FANFARE_SIGNING_KEY, FANFARE_TOKEN_SECRET and FANFARE_OPERATOR_KEY go together: set all three, or none in development.");
  const path = join(config.dataDirectory, "secrets.json");
  useDataDirectory(config.dataDirectory);
  if (!existsSync(path)) {
    // Written apart and linked in: the file is there in full or not at all, and of two services that start at once both read the same one.
    const unfinished = `${path}.${randomBytes(6).toString("hex")}`;
    writeFileSync(unfinished, `${JSON.stringify(makeSecrets(), null, 2)}\n`, { mode: 0o600 });
    try {
      linkSync(unfinished, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    } finally {
      rmSync(unfinished);
    }
  }
  return readSecretsFile(path);
}

/** A fresh set, in the form of a secrets file. */
export function makeSecrets(): { signingKey: string; tokenSecret: string; operatorKey: string } {
  const random = (): string => randomBytes(32).toString("base64url");
  return { signingKey: random(), tokenSecret: random(), operatorKey: `op_${randomBytes(24).toString("hex")}` };
}

function readSecretsFile(path: string): Secrets {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new ConfigError(`The secrets file ${path} cannot be read: ${(error as Error).message}. \`fanfare secrets\` prints what belongs into it.`);
  }
  try {
    return check(JSON.parse(text), path);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    // The parser's message quotes the file, so it stays here.
    throw new ConfigError(
      `The secrets file ${path} is not valid JSON. Put the former one back; \`fanfare secrets\` prints a fresh set, with which every session ends.`,
    );
  }
}

function check(value: unknown, from: string): Secrets {
  const result = file.safeParse(value);
  if (result.success) return Object.freeze(result.data);
  const issue = result.error.issues[0];
  throw new ConfigError(
    `The secrets from ${from} are not usable: ${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}. Put the former ones back; \`fanfare secrets\` prints a fresh set, with which every session ends.`,
  );
}
