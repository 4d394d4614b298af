import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ErrorBody } from "@fanfare-io/fanfare-contract";
import { ConfigError, readConfig } from "../platform/config.ts";
import type { ServerConfig } from "../platform/config.ts";
import { loadSecrets } from "../platform/secrets.ts";
import { CommandError } from "./command-error.ts";
import type { Environment } from "./environment.ts";

/** Asks the running service with the operator's key: the embedded database belongs to it alone. Raises what is wrong in one line. */
export async function callOperator<Answer>(environment: Environment, adminUrl: string | undefined, path: string, request: unknown): Promise<Answer> {
  const config = readConfig(environment);
  const address = (adminUrl ?? `http://127.0.0.1:${config.adminPort}/api`).replace(/\/$/, "");
  return post<Answer>(`${address}${path}`, operatorKeyOf(config), request);
}

function operatorKeyOf(config: ServerConfig): string {
  const { operatorKey } = config.givenSecrets;
  if (operatorKey !== undefined) return operatorKey;
  // Looking for the key must not make one: the service would not know it.
  if (config.secretsFile === undefined && !existsSync(join(config.dataDirectory, "secrets.json")))
    throw new ConfigError(
      `There are no secrets in ${config.dataDirectory}. Set FANFARE_DATA_DIR, FANFARE_SECRETS_FILE or FANFARE_OPERATOR_KEY to those of the running service.`,
    );
  return loadSecrets(config).operatorKey;
}

async function post<Answer>(url: string, operatorKey: string, request: unknown): Promise<Answer> {
  const response = await fetch(url, {
    method: "POST",
    headers: { Authorization: `Bearer ${operatorKey}`, "Content-Type": "application/json" },
    body: JSON.stringify(request),
  }).catch(() => {
    throw new CommandError(`No service answers at ${url}. Start it, or name its address with --admin-url.`);
  });
  if (response.ok) return (await response.json()) as Answer;
  const error = (await response.json().catch(() => null)) as ErrorBody | null;
  const issues = error?.issues?.map((issue) => `${issue.path.join(".")} ${issue.message}`).join("; ");
  throw new CommandError(
    error === null ? `${url} answered ${response.status}, and is not a Fanfare service.` : `${error.message}${issues ? ` ${issues}` : ""}`,
  );
}
