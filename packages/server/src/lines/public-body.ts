import { createHash } from "node:crypto";
import type { PositionEstimate, PublicQueue } from "@fanfare-io/fanfare-contract";
import { digestOf } from "../domain/digest.ts";
import { farPollSeconds, toEstimate } from "../domain/estimate.ts";
import { isSoldOut } from "../domain/queue-settings.ts";
import type { EarlyOrder } from "../domain/early-order.ts";
import { commitmentOf } from "../platform/hashes.ts";
import type { LiveQueue } from "./live-queue.ts";

/** Bytes that are the same for everyone, with their strong ETag. */
export interface SharedBody {
  readonly bytes: Buffer;
  readonly etag: string;
  readonly cacheControl: string;
}

const freshForMs = 1_000;
// Browsers ask their cache again each time; a shared cache asks here once a second, answers from what it has meanwhile, and goes on for a
// minute when this service does not answer.
const cacheControl = "public, max-age=1, s-maxage=1, stale-while-revalidate=10, stale-if-error=60";

/** The line as everyone sees it. It is made at most once a second a queue, however many ask. */
export function createPublicBodies(): (live: LiveQueue, now: number) => SharedBody {
  const made = new WeakMap<LiveQueue, { readonly at: number; readonly body: SharedBody }>();
  return (live, now) => {
    const last = made.get(live);
    if (last !== undefined && now - last.at < freshForMs && now >= last.at) return last.body;
    const bytes = Buffer.from(JSON.stringify(publicQueue(live, now)));
    const etag = `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`;
    const body = { bytes, etag, cacheControl };
    made.set(live, { at: now, body });
    return body;
  };
}

/** The hash of the seed from the beginning; the seed itself once it can favour nobody. */
function showEarlyOrder({ seed, drawn }: EarlyOrder): NonNullable<PublicQueue["earlyOrder"]> {
  return { commitment: commitmentOf(seed), seed: drawn === null ? null : Buffer.from(seed).toString("hex"), arrivals: drawn };
}

function publicQueue(live: LiveQueue, now: number): PublicQueue {
  const settings = live.settings();
  const { estimates, reason } = estimatesOf(live, now);
  return {
    id: settings.id,
    experienceId: settings.experienceId,
    sequenceId: settings.sequenceId,
    name: settings.name,
    state: live.state(now),
    openAt: settings.openAt === null ? null : new Date(settings.openAt).toISOString(),
    closeAt: settings.closeAt === null ? null : new Date(settings.closeAt).toISOString(),
    tail: live.line.tail(),
    waiting: live.line.waiting(),
    departed: live.line.departed(),
    admitRatePerMinute: live.moves(now) ? settings.admitRate : 0,
    positionDisplayMode: settings.positionDisplayMode,
    window: live.survey(now).horizon,
    departures: digestOf(live.line),
    estimates,
    ...(reason === undefined ? {} : { estimateReason: reason }),
    holdSeconds: settings.holdSeconds,
    pollAfterSeconds: Math.round(farPollSeconds * live.stretch()),
    version: live.version(),
    ...(isSoldOut(live.grants()) ? { soldOut: true } : {}),
    ordering: settings.early === null ? "fifo" : "shuffle_early",
    ...(settings.early === null ? {} : { earlyOrder: showEarlyOrder(settings.early) }),
    ...(settings.message === null ? {} : { message: settings.message }),
  };
}

/** Waits from the front to the tail, a third farther each time: what lies between is as good as a straight line. */
function estimatesOf(live: LiveQueue, now: number): { readonly estimates: readonly PositionEstimate[]; readonly reason?: string } {
  const estimates: PositionEstimate[] = [];
  const last = live.line.waiting() + 1;
  for (let position = Math.min(50, last); ; position = Math.min(last, Math.ceil(position * 1.35))) {
    const wait = live.waitAt(position, now);
    const estimate = toEstimate(wait);
    if (estimate === null) return { estimates: [] };
    estimates.push({ position, low: estimate.low, high: estimate.high });
    if (position === last) return { estimates, ...(wait?.reason === undefined ? {} : { reason: wait.reason }) };
  }
}
