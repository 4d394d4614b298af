import { answerCheck, listEntryChecks } from "../../data/entry-checks.ts";
import type { Database } from "../../data/database.ts";
import type { Audit } from "../../jobs/audit.ts";
import type { Follower } from "../../lines/follow.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Handlers } from "../endpoint.ts";
import { found, pageOrRefuse } from "./answers.ts";

/** What the operator's routes about asked shoppers need. */
export interface EntryCheckDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly follower: Follower;
  readonly audit: Pick<Audit, "note">;
}

/** Who was asked for work, why, and how it ended; and letting somebody off. */
export function entryCheckHandlers({ db, clock, follower, audit }: EntryCheckDeps): Handlers<"listEntryChecks" | "releaseEntryCheck"> {
  return {
    async listEntryChecks({ tenant, query }) {
      return { body: pageOrRefuse(await listEntryChecks(db, tenant.id, query), query) };
    },
    async releaseEntryCheck({ tenant, body, address, requestId }) {
      const released = await answerCheck(db, { organizationId: tenant.id, ...body }, "released", new Date(clock.now()));
      await follower.catchUp({ organizationId: tenant.id, queueId: body.distributionId });
      const page = await listEntryChecks(db, tenant.id, { ...body, first: 1 });
      const check = found(page?.data[0] ?? null);
      if (released)
        audit.note({ kind: "check_released", organizationId: tenant.id, consumerId: body.consumerId, subject: body.distributionId, address, requestId });
      return { body: check };
    },
  };
}
