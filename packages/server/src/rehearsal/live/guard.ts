import type { QueueMetrics } from "@fanfare-io/fanfare-contract";
import type { LiveTarget } from "./service.ts";

/** Why a rehearsal here might hit real shoppers; null when nothing speaks for it. */
export function looksLive(target: LiveTarget, metrics: Pick<QueueMetrics, "waiting" | "granted">): string | null {
  const host = new URL(target.consumerUrl).hostname;
  if (!/^(localhost|127(\.\d+){3}|\[::1\])$/.test(host)) return `${host} is not this machine`;
  if (metrics.waiting > 0) return `${metrics.waiting.toLocaleString("en")} people are waiting in ${target.queueId}`;
  return metrics.granted > 0 ? `${target.queueId} has let people in before` : null;
}
