import { createHash } from "node:crypto";
import type { PublicQueue } from "@fanfare-io/fanfare-contract";
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

/** The line as everyone sees it. It is made at most once a second a queue, however many ask. */
export function createPublicBodies(): (live: LiveQueue, now: number) => SharedBody {
  const made = new WeakMap<LiveQueue, { readonly at: number; readonly body: SharedBody }>();
  return (live, now) => {
    const last = made.get(live);
    if (last !== undefined && now - last.at < freshForMs && now >= last.at) return last.body;
    const bytes = Buffer.from(JSON.stringify(publicQueue(live, now)));
    const etag = `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`;
    const body = { bytes, etag, cacheControl: "public, max-age=1, stale-while-revalidate=5" };
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
    admitRatePerMinute: settings.admitRate,
    version: live.version(),
    ordering: settings.early === null ? "fifo" : "shuffle_early",
    ...(settings.early === null ? {} : { earlyOrder: showEarlyOrder(settings.early) }),
    ...(settings.message === null ? {} : { message: settings.message }),
  };
}
