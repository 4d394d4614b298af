import type { Queue } from "@fanfare-io/fanfare-contract";
import { controlQueue } from "../../data/queue-controls.ts";
import type { QueueControl } from "../../data/queue-controls.ts";
import { findQueue } from "../../data/queues.ts";
import { admitNow } from "../../lines/admit-now.ts";
import type { Follower } from "../../lines/follow.ts";
import type { LiveQueue } from "../../lines/live-queue.ts";
import type { Handlers } from "../endpoint.ts";
import type { Answer, Call } from "../endpoint.ts";
import { ServiceError } from "../service-error.ts";
import type { LaunchHandlersDeps } from "./experiences.ts";

type ControlCall = Pick<Call<"openQueue">, "tenant" | "params">;

/** The routes that steer a queue while people wait in it. Every node has followed within a second, this one when it answers. */
export function queueControlHandlers(
  deps: LaunchHandlersDeps & { readonly follower: Follower },
): Handlers<"openQueue" | "pauseQueue" | "resumeQueue" | "closeQueue" | "killQueue" | "queueAll" | "passThrough" | "admitNow" | "getQueueMetrics"> {
  const { db, clock, ids, follower } = deps;
  const keyOf = ({ tenant, params }: ControlCall) => ({ organizationId: tenant.id, queueId: params["queueId"] ?? "" });

  async function control(call: ControlCall, what: QueueControl): Promise<{ readonly body: Queue }> {
    const key = keyOf(call);
    const body = await controlQueue(db, key, what, new Date(clock.now()));
    if (body === null) {
      const queue = await findQueue(db, key.organizationId, key.queueId);
      throw new ServiceError(queue === null || queue.archived ? "not_found" : "queue_killed");
    }
    await follower.catchUp(key);
    return { body };
  }

  async function current(call: ControlCall): Promise<LiveQueue> {
    const key = keyOf(call);
    await follower.catchUp(key);
    const live = follower.known(key);
    if (live === undefined || live.settings().archived) throw new ServiceError("not_found");
    return live;
  }

  return {
    openQueue: (call) => control(call, "open"),
    pauseQueue: (call) => control(call, "pause"),
    resumeQueue: (call) => control(call, "resume"),
    closeQueue: (call) => control(call, "close"),
    killQueue: (call) => control(call, "kill"),
    queueAll: (call) => control(call, "queueAll"),
    passThrough: (call) => control(call, "passThrough"),
    async admitNow(call): Promise<Answer> {
      const live = await current(call);
      if (live.settings().killed) throw new ServiceError("queue_killed");
      return { body: await admitNow({ db, clock, follower, newGrantId: () => ids.make("grant") }, live, call.body.count) };
    },
    async getQueueMetrics(call): Promise<Answer> {
      return { body: (await current(call)).metrics(clock.now()) };
    },
  };
}
