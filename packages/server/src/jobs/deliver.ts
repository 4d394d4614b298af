import type { Database } from "../data/database.ts";
import { buryMessages, postponeMessages, removeMessages, takeMessages } from "../data/outbox.ts";
import type { OutboxMessage } from "../data/outbox.ts";
import { composeCode } from "../delivery/compose.ts";
import { attemptMs, DeliveryFailed, DeliveryRefused } from "../delivery/message.ts";
import type { CodeMessage, Sender } from "../delivery/message.ts";
import type { Senders } from "../delivery/senders.ts";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import type { Metrics } from "../platform/metrics.ts";
import type { Seals } from "../platform/seals.ts";

/** How often this node looks whether something of its own is to be sent. */
export const deliveryPeriodMs = 100;
/** How often it asks the database for what others left. */
const lookPeriodMs = 1_000;
/** Another node takes a message only when this long has passed: then this one is gone. */
const leaseMs = 45_000;
const batchSize = 32;
const underWayAtOnce = 16;
const firstPauseMs = 1_000;
const longestPauseMs = 60_000;

/** Delivers what lies in the outbox, at least once each. */
export interface DeliveryJob {
  /** Something was put into the outbox here: the next look comes at once. */
  wake(): void;
  /** One look, until nothing is due any more, or the service stops. Raises nothing: what failed is told, and tried again. */
  round(stopping?: AbortSignal): Promise<void>;
  /** Hangs up, when no round is under way any more. */
  close(): void;
}

export interface DeliveryDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly seals: Seals;
  readonly senders: Senders;
  readonly log: Pick<Log, "warn">;
  readonly metrics: Pick<Metrics, "messageDone">;
  /** In [0, 1): so that messages that failed together do not all come back together. */
  readonly random: () => number;
  readonly onFault: (error: unknown) => void;
}

/** What became of one attempt. */
type Outcome =
  | { readonly kind: "delivered" }
  /** Not tried: the lease would have ended before the attempt. */
  | { readonly kind: "left" }
  | { readonly kind: "failed"; readonly dueAt: number; readonly reason: string }
  | { readonly kind: "dead"; readonly reason: string };

/** Makes the job. Any number of nodes may run it: whoever takes a message has it until the lease ends. */
export function createDeliveryJob(deps: DeliveryDeps): DeliveryJob {
  const { db, clock } = deps;
  let isWoken = true;
  let lookedAt = -Infinity;

  async function deliverDue(stopping: AbortSignal | undefined): Promise<void> {
    let taken: readonly OutboxMessage[];
    do {
      isWoken = false;
      lookedAt = clock.now();
      const tryUntil = lookedAt + leaseMs - attemptMs;
      taken = await takeMessages(db, lookedAt, lookedAt + leaseMs, batchSize);
      const outcomes = await inTurns(taken, (message) => (clock.now() >= tryUntil ? untried : attempt(deps, message)));
      await record(deps, taken, outcomes);
    } while (stopping?.aborted !== true && (taken.length === batchSize || isWoken));
  }

  return Object.freeze<DeliveryJob>({
    wake: () => void (isWoken = true),
    async round(stopping) {
      if (isWoken || clock.now() - lookedAt >= lookPeriodMs) await deliverDue(stopping).catch(deps.onFault);
    },
    close() {
      for (const sender of [deps.senders.email, deps.senders.phone]) sender?.close();
    },
  });
}

const untried: Outcome = { kind: "left" };

async function inTurns(messages: readonly OutboxMessage[], deliver: (message: OutboxMessage) => Outcome | Promise<Outcome>): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  let next = 0;
  const turns = Array.from({ length: Math.min(underWayAtOnce, messages.length) }, async () => {
    for (let at = next++; at < messages.length; at = next++) outcomes[at] = await deliver(messages[at] as OutboxMessage);
  });
  await Promise.all(turns);
  return outcomes;
}

async function attempt(deps: DeliveryDeps, message: OutboxMessage): Promise<Outcome> {
  if (deps.clock.now() >= message.expiresAt) return { kind: "dead", reason: "expired" };
  const sender: Sender | null = deps.senders[message.channel];
  const opened = deps.seals.open(message.sealed);
  // The token secret was replaced: the code could not be verified either.
  if (opened === null) return { kind: "dead", reason: "unreadable" };
  if (sender === null) return { kind: "dead", reason: "not_configured" };
  const content = JSON.parse(Buffer.from(opened).toString("utf8")) as CodeMessage;
  const { to, code, organizationName: senderName } = content;
  const composed = composeCode(message.channel, content, message.expiresAt - message.createdAt);
  try {
    await sender.send({ organizationId: message.organizationId, id: message.id, to, code, senderName, ...composed });
    return { kind: "delivered" };
  } catch (error) {
    if (error instanceof DeliveryRefused) return { kind: "dead", reason: error.reason };
    const pause = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(message.attempts - 1, 10)) * (0.5 + deps.random() / 2);
    return { kind: "failed", dueAt: deps.clock.now() + pause, reason: error instanceof DeliveryFailed ? error.reason : "fault" };
  }
}

async function record(deps: DeliveryDeps, messages: readonly OutboxMessage[], outcomes: readonly Outcome[]): Promise<void> {
  const delivered: OutboxMessage[] = [];
  const failed: (OutboxMessage & { readonly dueAt: number })[] = [];
  const dead: (OutboxMessage & { readonly reason: string })[] = [];
  const now = deps.clock.now();
  for (const [at, message] of messages.entries()) {
    const outcome = outcomes[at] as Outcome;
    if (outcome.kind === "left") continue;
    if (outcome.kind === "delivered") delivered.push(message);
    else if (outcome.kind === "failed") failed.push({ ...message, dueAt: outcome.dueAt });
    else dead.push({ ...message, reason: outcome.reason });
    deps.metrics.messageDone(message.channel, outcome.kind, (now - message.createdAt) / 1000);
    if (outcome.kind === "delivered") continue;
    const { organizationId, id, channel, attempts } = message;
    const words = outcome.kind === "dead" ? "A message could not be delivered and is given up." : "A message could not be delivered; it will be tried again.";
    deps.log.warn({ organizationId, messageId: id, channel, attempts, reason: outcome.reason }, words);
  }
  if (delivered.length > 0) await removeMessages(deps.db, delivered);
  if (failed.length > 0) await postponeMessages(deps.db, failed);
  if (dead.length > 0) await buryMessages(deps.db, dead);
}
