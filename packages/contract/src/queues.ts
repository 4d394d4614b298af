import type { BotCheck } from "./entry-checks.ts";

/** Whether a number may be shown (contract §4). */
export type PositionDisplayMode = "precise" | "qualitative";

/** `SOLD_OUT`: nothing is left to sell; it may be taken back when the shop finds more. */
export type DenyReason = "QUEUE_CLOSED" | "SOLD_OUT" | "BOT_DETECTED" | "VALIDATION_LIMIT_REACHED" | "ORDER_LIMIT_EXCEEDED" | "ADMISSION_EXPIRED";

/** An honest range of seconds; a rise carries its reason. */
export interface WaitEstimate {
  readonly low: number;
  readonly high: number;
  readonly reason?: string;
}

/** One consumer's standing in one queue, as the service tells it (contract §4). Never carries a grant token. */
export type QueueConsumerState =
  | {
      readonly status: "QUEUED";
      /** Null while early arrivals wait for the opening, and when qualitative. */
      readonly ticket: number | null;
      /** 1 = next. Null when qualitative. Never rises (I6). */
      readonly position: number | null;
      readonly waitingAhead: number | null;
      readonly positionDisplayMode: PositionDisplayMode;
      /** 0 when joined, 1 at the turn. */
      readonly progress: number;
      readonly estimatedWaitTimeInSeconds: number | null;
      readonly estimate: WaitEstimate | null;
      readonly admitRatePerMinute: number;
      /** When to ask again, in seconds. */
      readonly pollAfterSeconds: number;
      /**
       * The turn is near: whoever asks with `Accept: text/event-stream, application/json` may be told as it comes. A stream says states of this
       * type as `data:` for a minute at most; `event: ask` means to ask again now. Where there is no room the answer is JSON, as ever.
       */
      readonly stream?: true;
      /** Until when this place is kept if nothing more is heard from its holder; asking again moves it on. */
      readonly heldUntil?: string;
      /** For a waiter whose turn is far: how to follow the line through `GET /queues/:id` instead of asking for oneself. */
      readonly follow?: FollowShared;
      /** Version of the line that this answer was computed from; send the highest seen as `?version=` so that a lagging node catches up first. */
      readonly version: number;
      /** The number of an early arrival, which its place is drawn under; with the seed it gives the place again (docs/queue-order.md). */
      readonly arrival?: number;
      /** When the places of early arrivals are drawn; only before. Until then ticket and position are null. */
      readonly placesDrawnAt?: string;
      /** Everything that is left is at other people's checkouts: the turn comes only if some of it comes back. */
      readonly lastOnes?: true;
      /** Something has to be shown before anybody is let in from this place. */
      readonly check?: BotCheck;
      readonly message?: string;
    }
  | { readonly status: "ADMITTED"; readonly admittedAt: string; readonly grantId: string; readonly expiresAt: string; readonly pollAfterSeconds: number }
  | { readonly status: "COMPLETED" }
  | { readonly status: "DENIED"; readonly denyReason: DenyReason }
  | { readonly status: "LEFT" }
  | { readonly status: "EXPIRED" }
  | { readonly status: "NOT_QUEUED" };

/**
 * What a waiter beyond the admission window needs to find their place in the shared body. Position = ticket − `departures.before` − the
 * counts of the stretches before their own − `departedInBlock`; where the digest's block size is another one, without the last term.
 */
export interface FollowShared {
  readonly blockSize: number;
  /** Gone from the ticket's own stretch before it, at this answer's version. */
  readonly departedInBlock: number;
  /** People ahead when they joined: what progress is counted from. */
  readonly aheadAtEntry: number;
  /** When to ask one's own standing again at the latest, in seconds. */
  readonly statusAfterSeconds: number;
}

/** How many have gone from each stretch of the line. */
export interface DepartureDigest {
  /** The first ticket that the counts cover. */
  readonly from: number;
  /** Gone before it. */
  readonly before: number;
  /** Tickets a stretch. */
  readonly blockSize: number;
  /** Gone from each stretch, from the front to the tail. */
  readonly counts: readonly number[];
}

/** The range of waits at one position, in seconds; between two of them it is a straight line. */
export interface PositionEstimate {
  readonly position: number;
  readonly low: number;
  readonly high: number;
}

/** `POST /queues/:id/enter`: the state, and the token that makes polling cheap. */
export type EnterQueueAnswer = QueueConsumerState & { readonly pollToken: string };

/** `fifo` = first come, first served; `shuffle_early` = who enters before the opening gets a place then, by a draw that anybody can recompute. */
export type QueueOrdering = "fifo" | "shuffle_early";

/** What anybody needs to recompute the order of early arrivals. Hexadecimal. */
export interface PublicEarlyOrder {
  /** SHA-256 of the seed, published before the opening. */
  readonly commitment: string;
  /** Null before the opening. */
  readonly seed: string | null;
  /** How many arrivals were ordered; null before the opening. */
  readonly arrivals: number | null;
}

/** What a queue is doing now. `upcoming`, `open` and `ended` follow its schedule; `paused` and `killed` are the operator's word; `exhausted` = every grant is given, or nothing is left to sell. */
export type QueueState = "upcoming" | "open" | "paused" | "ended" | "killed" | "exhausted";

/** `GET /queues/:id`: the same bytes for everyone. */
export interface PublicQueue {
  readonly id: string;
  readonly experienceId: string;
  readonly sequenceId: string;
  readonly name: string;
  readonly state: QueueState;
  readonly openAt: string | null;
  readonly closeAt: string | null;
  /** Tickets handed out so far. */
  readonly tail: number;
  /** People waiting now. */
  readonly waiting: number;
  /** Tickets that are waiting no more: admitted, left or expired. */
  readonly departed: number;
  readonly admitRatePerMinute: number;
  readonly positionDisplayMode: PositionDisplayMode;
  /** Holders of tickets up to this one ask for themselves; whoever stands behind it may live on this body. */
  readonly window: number;
  readonly departures: DepartureDigest;
  /** Waits at some positions, ascending; empty when nothing honest can be said. */
  readonly estimates: readonly PositionEstimate[];
  readonly estimateReason?: string;
  /** How long the place of somebody who is not heard of is kept, in seconds, once their turn is near. */
  readonly holdSeconds: number;
  /** When to read this again, in seconds. */
  readonly pollAfterSeconds: number;
  readonly version: number;
  readonly ordering: QueueOrdering;
  /** Nothing is left to sell. */
  readonly soldOut?: true;
  /** Where early arrivals are drawn. */
  readonly earlyOrder?: PublicEarlyOrder;
  readonly message?: string;
}

/** `POST /queues/:id/stock`: what the shop can still sell, sold orders not counted any more; null = it does not count. */
export interface ReportStockRequest {
  readonly remaining: number | null;
}

/** `POST /queues/:id/deny`: the shop ends what somebody has in this queue, and tells them why. */
export interface DenyRequest {
  readonly consumerId: string;
  readonly reason: Exclude<DenyReason, "SOLD_OUT">;
}

/** The stock as the queue goes by it now. */
export interface QueueStock {
  readonly queueId: string;
  readonly remaining: number | null;
  /** Grants that may still take some of it. */
  readonly activeGrants: number;
}
