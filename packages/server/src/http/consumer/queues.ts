import type { EnterQueueAnswer, QueueConsumerState } from "@fanfare-io/fanfare-contract";
import { takesNewcomers } from "../../domain/queue-settings.ts";
import { deniedState } from "../../domain/standing.ts";
import type { LiveQueue } from "../../lines/live-queue.ts";
import type { Lines } from "../../lines/lines.ts";
import { createPublicBodies } from "../../lines/public-body.ts";
import type { Clock } from "../../platform/clock.ts";
import { callerOf } from "../endpoint.ts";
import type { Call, Handlers } from "../endpoint.ts";
import { ServiceError } from "../service-error.ts";
import { entryLimitReached } from "./entry-gate.ts";
import type { EntryGate } from "./entry-gate.ts";
import type { Protection } from "./protection.ts";
import type { StatusStreams } from "./status-streams.ts";

/** What the queue routes need. */
export interface QueueHandlersDeps {
  readonly lines: Lines;
  readonly clock: Clock;
  readonly protection: Protection;
  readonly streams: Pick<StatusStreams, "open">;
  readonly entryGate: EntryGate;
  /** The consumer behind an id, as far as this node knows. */
  readonly resolve: (organizationId: string, consumerId: string) => string;
  /** Brings over what stands under earlier ids of a consumer, and answers the consumer's own. */
  readonly settle: (organizationId: string, consumerId: string) => Promise<string>;
  /** A token that can do nothing but poll this queue for this consumer. */
  readonly issuePollToken: (holder: { readonly organizationId: string; readonly queueId: string; readonly consumerId: string }, now: number) => string;
}

/** The routes of the line: everyone's view of it, joining, leaving, and one's own standing. */
export function queueHandlers(deps: QueueHandlersDeps): Handlers<"getQueue" | "enterQueue" | "leaveQueue" | "getQueueStatus"> {
  const publicBody = createPublicBodies();

  async function lineOf(call: Pick<Call<"getQueue">, "tenant" | "params">): Promise<LiveQueue> {
    const live = await deps.lines.find({ organizationId: call.tenant.id, queueId: call.params["queueId"] ?? "" });
    if (live === null) throw new ServiceError("not_found");
    return live;
  }

  async function enter(live: LiveQueue, call: Call<"enterQueue">): Promise<QueueConsumerState> {
    const { consumerId } = callerOf(call);
    const known = await deps.lines.knownPlace(live, consumerId);
    if (known !== null) return answered(live, call, known);
    const state = live.state(deps.clock.now());
    if (!takesNewcomers(state, live.settings().early)) return enterClosed(live, consumerId);
    const { maxWaiting } = live.settings();
    if (maxWaiting !== null && live.line.waiting() >= maxWaiting) throw queueFull();
    const { sequenceId, experienceId } = live.settings();
    const entered = { experienceId, distributionId: live.key.queueId };
    const terms = await deps.entryGate.demand(call, { ...entered, sequenceId });
    await deps.protection.demand(call, entered);
    await deps.entryGate.bind(call, entered, terms);
    const outcome = await deps.lines.join(live, consumerId, terms.maxEntriesPerConsumer !== null);
    if (outcome.kind === "limited") throw entryLimitReached(terms.maxEntriesPerConsumer);
    if (outcome.kind === "full") throw queueFull();
    if (outcome.kind === "closed") return enterClosed(live, consumerId);
    return deps.lines.standing(live, consumerId);
  }

  /** Who has a place; where something was asked of them they have come to show it. */
  async function answered(live: LiveQueue, call: Call<"enterQueue">, known: QueueConsumerState): Promise<QueueConsumerState> {
    if (known.status !== "QUEUED" || known.check === undefined) return known;
    await deps.protection.answer(call, live.key.queueId, known.check.reasons);
    const { consumerId } = callerOf(call);
    return (await deps.lines.knownPlace(live, consumerId)) ?? deps.lines.standing(live, consumerId);
  }

  async function enterClosed(live: LiveQueue, consumerId: string): Promise<QueueConsumerState> {
    const standing = await deps.lines.standing(live, consumerId);
    if (standing.status === "COMPLETED") return standing;
    const now = deps.clock.now();
    const { openAt } = live.settings();
    if (live.state(now) === "upcoming" && openAt !== null) {
      throw new ServiceError("queue_not_open", {
        details: { opensAt: new Date(openAt).toISOString() },
        retryAfterSeconds: Math.max(1, Math.ceil((openAt - now) / 1000)),
      });
    }
    return deniedState(live.grants());
  }

  return {
    async getQueue(call) {
      return { shared: publicBody(await lineOf(call), deps.clock.now()) };
    },
    async enterQueue(call) {
      const live = await lineOf(call);
      const { consumerId } = callerOf(call);
      const entered = await enter(live, call);
      // Linked on this node while they were joining: the place has gone over already, or goes now.
      const owner = deps.resolve(call.tenant.id, consumerId);
      const state = owner === consumerId ? entered : await deps.lines.standing(live, await deps.settle(call.tenant.id, consumerId));
      const pollToken = deps.issuePollToken({ ...live.key, consumerId: owner }, deps.clock.now());
      return { body: { ...state, pollToken } satisfies EnterQueueAnswer };
    },
    async leaveQueue(call) {
      const live = await lineOf(call);
      const { consumerId } = callerOf(call);
      await deps.lines.leave(live, consumerId);
      return { body: await deps.lines.standing(live, consumerId) };
    },
    async getQueueStatus(call) {
      const live = await lineOf(call);
      const { consumerId } = callerOf(call);
      const state = await deps.lines.standing(live, consumerId, call.query.version);
      const events = call.headers["accept"]?.includes("text/event-stream") === true ? deps.streams.open(live.key, consumerId, state) : null;
      return events === null ? { body: state } : { events };
    },
  };
}

function queueFull(): ServiceError {
  return new ServiceError("queue_full", { retryAfterSeconds: 15 });
}
