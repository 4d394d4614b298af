import type { SecurityEventKind } from "@fanfare-io/fanfare-contract";
import { writeSecurityEvents } from "../data/security-events.ts";
import type { SecurityEventRow } from "../data/security-events.ts";
import type { Database } from "../data/database.ts";
import { networkOf } from "../platform/networks.ts";
import type { Clock } from "../platform/clock.ts";

/** What there is to say about one event; what is left out is null. */
export interface NotedEvent {
  readonly organizationId: string;
  readonly kind: SecurityEventKind;
  readonly consumerId?: string | null;
  readonly sessionId?: string | null;
  /** The id of the grant or key that it is about. */
  readonly subject?: string;
  readonly reason?: string;
  /** The full address; only its network is kept. */
  readonly address?: string;
  readonly requestId?: string;
}

/** The audit log, as the rest of the service writes it. */
export interface Audit {
  /** Notes an event; it is in the database within a second. Never throws and never waits: a refusal must not depend on its record. */
  note(event: NotedEvent): void;
  /** Writes what was noted. Rejects when the database cannot be asked; what was noted is kept for the next round. */
  flush(): Promise<void>;
}

/** How often noted events are written. */
export const auditPeriodMs = 500;

const windowMs = 60_000;
/** Kinds of events remembered at once, over all organizations. A flood beyond it goes unrecorded, and is told in the log. */
const maxOpen = 10_000;
const maxBatch = 1_000;

interface Open {
  readonly row: SecurityEventRow;
  lastAt: number;
  unwritten: number;
}

/** Makes the log of one node. Whoever repeats a thing a thousand times a minute fills one row, not a thousand. */
export function createAudit(deps: {
  readonly db: Database;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly onDropped: (count: number) => void;
}): Audit {
  const open = new Map<string, Open>();
  let dropped = 0;
  let writing: Promise<void> = Promise.resolve();

  function begin({ organizationId, kind, consumerId = null, sessionId = null, subject, reason, address, requestId }: NotedEvent, at: number): Open {
    const network = address === undefined ? null : networkOf(address);
    const facts = { consumerId, sessionId, subject: subject ?? null, reason: reason ?? null, network, requestId: requestId ?? null };
    return { row: { organizationId, id: deps.newId(), kind, at, times: 1, ...facts }, lastAt: at, unwritten: 0 };
  }

  function forgetOld(now: number): void {
    for (const [name, event] of open) if (event.unwritten === 0 && now - event.row.at >= windowMs) open.delete(name);
  }

  async function write(): Promise<void> {
    if (dropped > 0) deps.onDropped(dropped);
    dropped = 0;
    const due = [...open.values()].filter((event) => event.unwritten > 0).slice(0, maxBatch);
    if (due.length > 0) {
      const counts = due.map((event) => event.unwritten);
      await writeSecurityEvents(
        deps.db,
        due.map((event) => ({ ...event.row, at: event.lastAt, times: event.unwritten })),
      );
      due.forEach((event, index) => (event.unwritten -= counts[index] ?? 0));
    }
    forgetOld(deps.clock.now());
  }

  return Object.freeze<Audit>({
    note(event) {
      const now = deps.clock.now();
      const name = `${event.organizationId}\0${event.kind}\0${event.consumerId ?? ""}\0${event.sessionId ?? ""}\0${event.subject ?? ""}\0${event.reason ?? ""}`;
      let known = open.get(name);
      if (known === undefined) {
        if (open.size >= maxOpen) return void dropped++;
        open.set(name, (known = begin(event, now)));
      }
      known.lastAt = now;
      known.unwritten++;
      return undefined;
    },
    flush() {
      // One after another: two at once would write the same numbers twice.
      const turn = writing.catch(() => undefined).then(write);
      writing = turn;
      return turn;
    },
  });
}
