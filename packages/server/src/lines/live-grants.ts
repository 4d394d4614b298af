import { consumerWords } from "../domain/consumer-id.ts";
import type { ConsumerWords } from "../domain/consumer-id.ts";
import { createConsumerIndex } from "../domain/consumer-index.ts";
import type { Admission } from "../domain/standing.ts";

/** The live grants of one queue, as far as this node knows. */
export interface LiveGrants {
  of(consumer: ConsumerWords): Admission | undefined;
  /** By the ticket that was let in. */
  at(ticket: number): Admission | undefined;
  count(): number;
  /** Raises when a consumer id is no UUID. */
  take(grants: readonly (Admission & { readonly consumerId: string })[]): void;
  /** The grants of these tickets have ended. */
  forget(tickets: readonly number[]): void;
}

/** A consumer's one live grant; null once it has ended. */
interface Holder {
  readonly row: number;
  admission: Admission | null;
}

/** Knows of none. Whoever asks for their place is looked up here first, and most have no grant: the same index as the line's tells that soonest. */
export function createLiveGrants(): LiveGrants {
  // Rows are the tickets of this index: from 1, and used again, so that it stays as small as the shop.
  const index = createConsumerIndex();
  const rows: (Holder | undefined)[] = [undefined];
  const free: number[] = [];
  const holders = new Map<number, Holder>();

  const holderOf = (consumer: ConsumerWords): Holder | undefined => rows[index.find(consumer)];

  function add(consumer: ConsumerWords): Holder {
    const holder: Holder = { row: free.pop() ?? rows.length, admission: null };
    rows[holder.row] = holder;
    index.add(holder.row, consumer);
    return holder;
  }

  function drop(holder: Holder): void {
    holder.admission = null;
    index.remove(holder.row);
    rows[holder.row] = undefined;
    free.push(holder.row);
  }

  return Object.freeze<LiveGrants>({
    of: (consumer) => holderOf(consumer)?.admission ?? undefined,
    at: (ticket) => holders.get(ticket)?.admission ?? undefined,
    count: () => rows.length - 1 - free.length,
    take(grants) {
      for (const grant of grants) {
        const consumer = consumerWords(grant.consumerId);
        if (consumer === null) throw new Error("A consumer id has to be a UUID.");
        const before = holders.get(grant.ticket);
        const known = holderOf(consumer);
        // The guest who had it has become somebody.
        if (before !== undefined && before !== known && before.admission?.ticket === grant.ticket) drop(before);
        const holder = known ?? add(consumer);
        holder.admission = grant;
        holders.set(grant.ticket, holder);
      }
    },
    forget(tickets) {
      for (const ticket of tickets) {
        const holder = holders.get(ticket);
        if (holder === undefined) continue;
        holders.delete(ticket);
        // Whoever entered again has a newer one.
        if (holder.admission?.ticket === ticket) drop(holder);
      }
    },
  });
}
