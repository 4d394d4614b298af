import type { Queue, UpdateQueueRequest } from "@fanfare-io/fanfare-contract";
import { createAll } from "../../data/create-all.ts";
import { archiveQueue } from "../../data/queue-controls.ts";
import * as queues from "../../data/queues.ts";
import { findSequence } from "../../data/sequences.ts";
import type { Handlers } from "../endpoint.ts";
import { ServiceError } from "../service-error.ts";
import { found, invalidField, pageOrRefuse } from "./answers.ts";
import type { LaunchHandlersDeps } from "./experiences.ts";

/** The routes of queues, as their operator sees them. A change is in force within one follow of every node. */
export function queueSettingsHandlers(deps: LaunchHandlersDeps): Handlers<"createQueue" | "listQueues" | "getQueueSettings" | "updateQueue" | "archiveQueue"> {
  const { db, ids } = deps;
  const made = () => ({ at: new Date(deps.clock.now()), orderSeed: deps.newSeed() });

  return {
    async createQueue({ tenant, body }) {
      const sequence = await findSequence(db, tenant.id, body.sequenceId);
      if (sequence === null) throw invalidField("sequenceId", "names no sequence of this organization", "an existing sequence");
      const id = body.id ?? ids.make("queue");
      if (!(await createAll(db, queues.insertQueue(db, tenant.id, id, sequence.experienceId, body, made())))) throw new ServiceError("already_exists");
      return { body: found(await queues.findQueue(db, tenant.id, id)) };
    },
    async listQueues({ tenant, query }) {
      return { body: pageOrRefuse(await queues.listQueues(db, tenant.id, query), query) };
    },
    async getQueueSettings({ tenant, params }) {
      return { body: found(await queues.findQueue(db, tenant.id, params["queueId"] ?? "")) };
    },
    async updateQueue({ tenant, params, body }) {
      const id = params["queueId"] ?? "";
      if ((body.openAt === undefined) !== (body.closeAt === undefined)) refuseBackwards(found(await queues.findQueue(db, tenant.id, id)), body);
      const queue = await queues.updateQueue(db, tenant.id, id, body, made());
      if (queue !== null) return { body: queue };
      // What kept it from changing is not worth a look before each change that goes through.
      const { killed } = found(await queues.findQueue(db, tenant.id, id));
      if (killed && body.killed === false) throw new ServiceError("queue_killed");
      throw invalidField("ordering", "cannot change once somebody has entered", "the ordering that the queue has");
    },
    async archiveQueue({ tenant, params }) {
      const id = params["queueId"] ?? "";
      await archiveQueue(db, { organizationId: tenant.id, queueId: id }, new Date(deps.clock.now()));
      return { body: found(await queues.findQueue(db, tenant.id, id)) };
    },
  };
}

/** The request's own schema sees both ends of the schedule only where both are in it. */
function refuseBackwards(queue: Queue, change: UpdateQueueRequest): void {
  const { openAt, closeAt } = { ...queue, ...change };
  if (openAt === null || closeAt === null || Date.parse(openAt) < Date.parse(closeAt)) return;
  throw change.openAt === undefined
    ? invalidField("closeAt", "must be after openAt", `after ${openAt}`)
    : invalidField("openAt", "must be before closeAt", `before ${closeAt}`);
}
