import { routes } from "@fanfare-io/fanfare-contract";
import type { QueueStock } from "@fanfare-io/fanfare-contract";
import type { Transport } from "./transport.ts";

/** What the shop tells the line. */
export interface Queues {
  /**
   * Says how many units the shop can still sell, orders that are paid for not counted any more; null = stop counting. The queue lets in no
   * more people than that at once, takes one off with each `complete`, and tells who waits when nothing is left. Say it at the start, after
   * each change that `complete` does not show (a return, a sale elsewhere), and now and then. Repeating it is harmless.
   *
   * Raises `NOT_FOUND` for a queue that is not there, `VALIDATION_ERROR` for what is no whole number from 0.
   */
  reportStock(stock: { readonly queueId: string; readonly remaining: number | null }): Promise<QueueStock>;
}

/** Wires the call. */
export function createQueues(transport: Transport): Queues {
  return Object.freeze<Queues>({
    reportStock: async ({ queueId, remaining }) =>
      transport.post<QueueStock>(routes.reportStock.path.replace(":queueId", encodeURIComponent(queueId)), { remaining }, "whenever_it_may_help"),
  });
}
