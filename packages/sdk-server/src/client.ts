import { checkConfig } from "./config.ts";
import { createGrants } from "./grants.ts";
import { createIdentities } from "./identities.ts";
import { createQueues } from "./queues.ts";
import { createTransport } from "./transport.ts";
import { createVerifier } from "./verify.ts";
import type { FanfareServerConfig } from "./config.ts";
import type { Grants } from "./grants.ts";
import type { Identities } from "./identities.ts";
import type { Queues } from "./queues.ts";

/** The merchant's side of Fanfare. */
export interface Fanfare {
  readonly grants: Grants;
  readonly queues: Queues;
  readonly identities: Identities;
}

/**
 * Connects a merchant's backend to the service. Makes no request by itself; make one and keep it.
 *
 * Throws a `FanfareError` at once for a missing or publishable key, a missing organization, a bad address, or in a browser.
 *
 * @example
 * const fanfare = createFanfare({ secretKey: env.FANFARE_SECRET_KEY, organizationId: "org_demo", apiUrl: "https://line.example.com/api" });
 * const hold = await fanfare.grants.validate(token);
 */
export function createFanfare(config: FanfareServerConfig): Fanfare {
  const checked = checkConfig(config);
  const transport = createTransport(checked);
  return Object.freeze({
    grants: createGrants(transport, createVerifier(checked)),
    queues: createQueues(transport),
    identities: createIdentities(transport),
  });
}
