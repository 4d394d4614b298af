import type { GroupCommitOptions } from "../platform/group-commit.ts";
import type { BatchKind, Metrics } from "../platform/metrics.ts";
import { pause } from "../platform/pause.ts";
import type { Traces } from "../platform/traces.ts";
import { monotonic } from "./time.ts";

/** Who looks on while batches are written. */
export interface Watchers {
  readonly metrics: Pick<Metrics, "committed">;
  /** Null where nobody listens. */
  readonly traces: Pick<Traces, "work"> | null;
}

/** How one kind of batch is timed, counted, and shown as a span where somebody listens. */
export function batchesOf(
  kind: BatchKind,
  { metrics, traces }: Watchers,
): Pick<GroupCommitOptions<unknown, unknown>, "now" | "pause" | "onCommitted" | "around"> {
  const counted = { now: monotonic, pause, onCommitted: (size: number) => metrics.committed(kind, size) };
  if (traces === null) return counted;
  return {
    ...counted,
    around: (size, attempt) => traces.work("fanfare.commit", { "fanfare.commit.kind": kind, "fanfare.commit.size": size }, attempt),
  };
}
