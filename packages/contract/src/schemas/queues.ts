import { z } from "zod";
import { botCheck } from "./entry-checks.ts";
import { instant, uuid } from "./text.ts";
import type { DenyRequest, EnterQueueAnswer, PublicQueue, QueueConsumerState, QueueStock, ReportStockRequest } from "../queues.ts";

const pollAfterSeconds = z.number().positive();
const states = [
  z.object({
    status: z.literal("QUEUED"),
    ticket: z.int().nullable(),
    position: z.int().nullable(),
    waitingAhead: z.int().nullable(),
    positionDisplayMode: z.enum(["precise", "qualitative"]),
    progress: z.number().min(0).max(1),
    estimatedWaitTimeInSeconds: z.number().nullable(),
    estimate: z.object({ low: z.number(), high: z.number(), reason: z.string().exactOptional() }).nullable(),
    admitRatePerMinute: z.number(),
    pollAfterSeconds,
    stream: z.literal(true).exactOptional(),
    heldUntil: instant.exactOptional(),
    follow: z.object({ blockSize: z.int(), departedInBlock: z.int(), aheadAtEntry: z.int(), statusAfterSeconds: z.number() }).exactOptional(),
    version: z.int(),
    arrival: z.int().exactOptional(),
    placesDrawnAt: instant.exactOptional(),
    lastOnes: z.literal(true).exactOptional(),
    check: botCheck.exactOptional(),
    message: z.string().exactOptional(),
  }),
  z.object({ status: z.literal("ADMITTED"), admittedAt: instant, grantId: z.string(), expiresAt: instant, pollAfterSeconds }),
  z.object({ status: z.literal("COMPLETED") }),
  z.object({
    status: z.literal("DENIED"),
    denyReason: z.enum(["QUEUE_CLOSED", "SOLD_OUT", "BOT_DETECTED", "VALIDATION_LIMIT_REACHED", "ORDER_LIMIT_EXCEEDED", "ADMISSION_EXPIRED"]),
  }),
  z.object({ status: z.literal("LEFT") }),
  z.object({ status: z.literal("EXPIRED") }),
  z.object({ status: z.literal("NOT_QUEUED") }),
] as const;

export const queueConsumerState: z.ZodType<QueueConsumerState> = z.discriminatedUnion("status", states);
export const enterQueueAnswer: z.ZodType<EnterQueueAnswer> = z.intersection(z.discriminatedUnion("status", states), z.object({ pollToken: z.string() }));

/** Query of `GET /queues/:id/status`. */
export const queueStatusQuery: z.ZodType<{ readonly version?: number }> = z.object({
  version: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).exactOptional(),
});

export const publicQueue: z.ZodType<PublicQueue> = z.object({
  id: z.string(),
  experienceId: z.string(),
  sequenceId: z.string(),
  name: z.string(),
  state: z.enum(["upcoming", "open", "paused", "ended", "killed", "exhausted"]),
  openAt: instant.nullable(),
  closeAt: instant.nullable(),
  tail: z.int(),
  waiting: z.int(),
  departed: z.int(),
  admitRatePerMinute: z.number(),
  positionDisplayMode: z.enum(["precise", "qualitative"]),
  window: z.int(),
  departures: z.object({ from: z.int(), before: z.int(), blockSize: z.int(), counts: z.array(z.int()) }),
  estimates: z.array(z.object({ position: z.int(), low: z.number(), high: z.number() })),
  estimateReason: z.string().exactOptional(),
  holdSeconds: z.int(),
  pollAfterSeconds,
  version: z.int(),
  ordering: z.enum(["fifo", "shuffle_early"]),
  soldOut: z.literal(true).exactOptional(),
  earlyOrder: z.object({ commitment: z.string(), seed: z.string().nullable(), arrivals: z.int().nullable() }).exactOptional(),
  message: z.string().exactOptional(),
});

const remaining = z.int().min(0).max(1_000_000_000).nullable();
export const reportStockRequest: z.ZodType<ReportStockRequest> = z.strictObject({ remaining });
export const queueStock: z.ZodType<QueueStock> = z.object({ queueId: z.string(), remaining, activeGrants: z.int() });

export const denyRequest: z.ZodType<DenyRequest> = z.strictObject({
  consumerId: uuid,
  reason: z.enum(["QUEUE_CLOSED", "BOT_DETECTED", "VALIDATION_LIMIT_REACHED", "ORDER_LIMIT_EXCEEDED", "ADMISSION_EXPIRED"]),
});
