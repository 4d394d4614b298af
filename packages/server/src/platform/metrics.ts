import { Counter, Gauge, Histogram, Registry } from "prom-client";

/** What is written in batches. */
export type BatchKind = "guest" | "join" | "draw_entry" | "renewal";

/** How one line stands at the moment of a scrape. */
export interface LineReading {
  readonly organizationId: string;
  readonly queueId: string;
  readonly waiting: number;
  readonly present: number;
  readonly activeGrants: number;
  readonly granted: number;
  /** People a minute who are let in now; 0 while the queue is paused, closed or not open yet. */
  readonly admitRate: number;
  /** Null = no limit. */
  readonly capacity: number | null;
}

/** What the service counts of itself, for Prometheus. Counters are this node's own: sum them over nodes. Readings of lines are the same on every node. */
export interface Metrics {
  /** An instant to hand to `answered`. */
  begin(): number;
  answered(route: string, begunAt: number): void;
  /** A request that was refused, with the code of the error catalog. */
  refused(reason: string): void;
  committed(kind: BatchKind, size: number): void;
  /** Seconds that each of those who went in had waited. */
  admitted(queue: Pick<LineReading, "organizationId" | "queueId">, waits: readonly number[]): void;
  /** An attempt to deliver a message; `seconds` since it was written. */
  messageDone(channel: "email" | "phone", outcome: "delivered" | "failed" | "dead", seconds: number): void;
  /** Something in the background that failed and is tried again. */
  faulted(): void;
  /** Everything in Prometheus' text format. */
  text(lines: Iterable<LineReading>, openStreams: number): Promise<Buffer>;
}

/** The media type of the text. */
export const metricsContentType = Registry.PROMETHEUS_CONTENT_TYPE;

const queueLabels = ["organization", "queue"] as const;

/** Makes the metrics of one service; services of one process share nothing. `now` in milliseconds, monotonic. */
export function createMetrics(now: () => number): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const gauge = (name: string, help: string): Gauge<"organization" | "queue"> => new Gauge({ name, help, labelNames: queueLabels, registers });
  const waiting = gauge("fanfare_line_waiting", "People waiting in a queue.");
  const present = gauge("fanfare_line_present", "Of them, those who were heard of lately; exact near the front.");
  const active = gauge("fanfare_grants_active", "Grants in use.");
  const granted = gauge("fanfare_grants_given", "Grants given in all.");
  const rate = gauge("fanfare_line_admit_rate", "People a minute who are let in now; 0 while nobody is.");
  const capacity = gauge("fanfare_line_capacity", "Grants that may be in use at once, where there is a limit.");
  const admissions = new Counter({ name: "fanfare_admissions_total", help: "People whom this node let in at the rate.", registers });
  const refusals = new Counter({ name: "fanfare_refusals_total", help: "Requests refused, by error code.", labelNames: ["reason"] as const, registers });
  const batches = new Histogram({
    name: "fanfare_commit_batch_size",
    help: "Guests, joins or draw entries that one statement made durable.",
    labelNames: ["kind"] as const,
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
    registers,
  });
  const waits = new Histogram({
    name: "fanfare_wait_seconds",
    help: "How long people whom this node let in had waited.",
    labelNames: queueLabels,
    buckets: [1, 5, 15, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200, 14_400],
    registers,
  });
  const faults = new Counter({ name: "fanfare_background_faults_total", help: "Rounds in the background that failed and were tried again.", registers });
  const messages = new Counter({
    name: "fanfare_messages_total",
    help: "Attempts to deliver a message: delivered, failed and tried again, or given up (dead).",
    labelNames: ["channel", "outcome"] as const,
    registers,
  });
  const messageAge = new Histogram({
    name: "fanfare_message_seconds",
    help: "Time from a message's writing to its delivery.",
    labelNames: ["channel"] as const,
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
    registers,
  });
  const memory: Gauge = new Gauge({
    name: "fanfare_resident_bytes",
    help: "Memory of this process.",
    registers,
    collect: () => memory.set(process.memoryUsage.rss()),
  });
  const streams = new Gauge({ name: "fanfare_status_streams", help: "People near their turn whom this node tells of it as it comes.", registers });
  const latency = new Histogram({
    name: "fanfare_request_seconds",
    help: "Time to answer a request that was not refused, by route.",
    labelNames: ["route"] as const,
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers,
  });

  return Object.freeze<Metrics>({
    begin: now,
    answered: (route, begunAt) => latency.observe({ route }, (now() - begunAt) / 1000),
    refused: (reason) => refusals.inc({ reason }),
    committed: (kind, size) => batches.observe({ kind }, size),
    admitted(queue, seconds) {
      admissions.inc(seconds.length);
      const labels = { organization: queue.organizationId, queue: queue.queueId };
      for (const each of seconds) waits.observe(labels, Math.max(0, each));
    },
    messageDone(channel, outcome, seconds) {
      messages.inc({ channel, outcome });
      if (outcome === "delivered") messageAge.observe({ channel }, Math.max(0, seconds));
    },
    faulted: () => faults.inc(),
    async text(lines, openStreams) {
      streams.set(openStreams);
      // A queue that was archived is not to be reported for ever.
      for (const each of [waiting, present, active, granted, rate, capacity]) each.reset();
      for (const line of lines) {
        const labels = { organization: line.organizationId, queue: line.queueId };
        waiting.set(labels, line.waiting);
        present.set(labels, line.present);
        active.set(labels, line.activeGrants);
        granted.set(labels, line.granted);
        rate.set(labels, line.admitRate);
        if (line.capacity !== null) capacity.set(labels, line.capacity);
      }
      return Buffer.from(await registry.metrics());
    },
  });
}
