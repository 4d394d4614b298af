import type { QueueStock } from "@fanfare-io/fanfare-contract";
import type { Database } from "../data/database.ts";
import { writeStock } from "../data/stock.ts";
import type { Follower } from "../lines/follow.ts";
import type { Call, Handlers } from "./endpoint.ts";
import { ServiceError } from "./service-error.ts";

/** The shop's backend and the operator say the same thing, each on their own plane. */
export function stockHandlers({ db, follower }: { readonly db: Database; readonly follower: Follower }): Handlers<"reportStock" | "setQueueStock"> {
  const write = async ({ tenant, params, body }: Pick<Call<"reportStock">, "tenant" | "params" | "body">) => {
    const key = { organizationId: tenant.id, queueId: params["queueId"] ?? "" };
    const level = await writeStock(db, key, body.remaining);
    if (level === null) throw new ServiceError("not_found");
    await follower.catchUp(key);
    return { body: { queueId: key.queueId, remaining: level.remaining, activeGrants: level.active } satisfies QueueStock };
  };
  return { reportStock: write, setQueueStock: write };
}
