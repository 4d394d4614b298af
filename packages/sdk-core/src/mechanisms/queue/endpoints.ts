import { get, post } from "../../transport/endpoints.ts";
import type { Endpoint } from "../../transport/endpoints.ts";

/** The calls of a line; held against the contract's table by a test. */
export const queueEndpoints = {
  getQueue: get("/queues/:queueId"),
  enterQueue: post("/queues/:queueId/enter"),
  leaveQueue: post("/queues/:queueId/leave"),
  getQueueStatus: get("/queues/:queueId/status"),
} as const satisfies Record<string, Endpoint>;
