import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { CreatedOrganization, CreateOrganizationRequest, ErrorBody } from "@fanfare-io/fanfare-contract";
import { ConfigError, readConfig } from "../platform/config.ts";
import type { ServerConfig } from "../platform/config.ts";
import { loadSecrets } from "../platform/secrets.ts";
import { CommandError } from "./command-error.ts";
import type { Environment } from "./environment.ts";

/** `fanfare org create`: asks the running service, because the embedded database belongs to it alone. */
export async function createOrganization(words: readonly string[], environment: Environment): Promise<number> {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: [...words],
    options: {
      name: text,
      id: text,
      "publishable-key": text,
      "secret-key": text,
      "allowed-host": { type: "string", multiple: true },
      "admin-url": text,
      json: { type: "boolean", default: false },
    },
  });
  if (values.name === undefined) throw new CommandError("fanfare org create needs --name.");
  const config = readConfig(environment);
  const adminUrl = (values["admin-url"] ?? `http://127.0.0.1:${config.adminPort}/api`).replace(/\/$/, "");
  const request: CreateOrganizationRequest = {
    name: values.name,
    ...(values.id === undefined ? {} : { id: values.id }),
    ...(values["publishable-key"] === undefined ? {} : { publishableKey: values["publishable-key"] }),
    ...(values["secret-key"] === undefined ? {} : { secretKey: values["secret-key"] }),
    ...(values["allowed-host"] === undefined ? {} : { embeddingAllowedHosts: values["allowed-host"] }),
  };
  const created = await post(`${adminUrl}/organizations`, operatorKeyOf(config), request);
  process.stdout.write(
    values.json
      ? `${JSON.stringify(created)}\n`
      : `${created.organization.name} is ready.\n  organization     ${created.organization.id}\n  publishable key  ${created.publishableKey}\n  secret key       ${created.secretKey}   (shown this once)\n`,
  );
  return 0;
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

async function post(url: string, operatorKey: string, request: CreateOrganizationRequest): Promise<CreatedOrganization> {
  const response = await fetch(url, {
    method: "POST",
    headers: { Authorization: `Bearer ${operatorKey}`, "Content-Type": "application/json" },
    body: JSON.stringify(request),
  }).catch(() => {
    throw new CommandError(`No service answers at ${url}. Start it, or name its address with --admin-url.`);
  });
  if (response.ok) return (await response.json()) as CreatedOrganization;
  const error = (await response.json().catch(() => null)) as ErrorBody | null;
  const issues = error?.issues?.map((issue) => `${issue.path.join(".")} ${issue.message}`).join("; ");
  throw new CommandError(
    error === null ? `${url} answered ${response.status}, and is not a Fanfare service.` : `${error.message}${issues ? ` ${issues}` : ""}`,
  );
}
