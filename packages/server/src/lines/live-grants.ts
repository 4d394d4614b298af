import type { Admission } from "../domain/standing.ts";

/** The live grants of one queue, as far as this node knows. */
export interface LiveGrants {
  of(consumerId: string): Admission | undefined;
  /** By the ticket that was let in. */
  at(ticket: number): Admission | undefined;
  count(): number;
  take(grants: readonly (Admission & { readonly consumerId: string })[]): void;
  /** The grants of these tickets have ended. */
  forget(tickets: readonly number[]): void;
}

/** Knows of none. */
export function createLiveGrants(): LiveGrants {
  const byConsumer = new Map<string, Admission>();
  const consumers = new Map<number, string>();
  return Object.freeze<LiveGrants>({
    of: (consumerId) => byConsumer.get(consumerId),
    at: (ticket) => byConsumer.get(consumers.get(ticket) ?? ""),
    count: () => byConsumer.size,
    take(grants) {
      for (const grant of grants) {
        const before = consumers.get(grant.ticket);
        // The guest who had it has become somebody.
        if (before !== undefined && before !== grant.consumerId && byConsumer.get(before)?.ticket === grant.ticket) byConsumer.delete(before);
        byConsumer.set(grant.consumerId, grant);
        consumers.set(grant.ticket, grant.consumerId);
      }
    },
    forget(tickets) {
      for (const ticket of tickets) {
        const consumerId = consumers.get(ticket);
        if (consumerId === undefined) continue;
        consumers.delete(ticket);
        // Whoever entered again has a newer one.
        if (byConsumer.get(consumerId)?.ticket === ticket) byConsumer.delete(consumerId);
      }
    },
  });
}
