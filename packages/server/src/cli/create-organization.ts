import { parseArgs } from "node:util";
import type { CreatedOrganization, CreateOrganizationRequest } from "@fanfare-io/fanfare-contract";
import { CommandError } from "./command-error.ts";
import { callOperator } from "./call-operator.ts";
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
  const request: CreateOrganizationRequest = {
    name: values.name,
    ...(values.id === undefined ? {} : { id: values.id }),
    ...(values["publishable-key"] === undefined ? {} : { publishableKey: values["publishable-key"] }),
    ...(values["secret-key"] === undefined ? {} : { secretKey: values["secret-key"] }),
    ...(values["allowed-host"] === undefined ? {} : { embeddingAllowedHosts: values["allowed-host"] }),
  };
  const created = await callOperator<CreatedOrganization>(environment, values["admin-url"], "/organizations", request);
  process.stdout.write(
    values.json
      ? `${JSON.stringify(created)}\n`
      : `${created.organization.name} is ready.\n  organization     ${created.organization.id}\n  publishable key  ${created.publishableKey}\n  secret key       ${created.secretKey}   (shown this once)\n`,
  );
  return 0;
}
