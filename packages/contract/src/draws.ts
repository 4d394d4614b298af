import type { DenyReason } from "./queues.ts";

/**
 * What a draw is doing now. `upcoming`, `open` and `closed` follow its schedule: entries not yet, now, no more. `drawing` = the time has come and
 * the result is being made; `drawn` = the result is published and stays so; `cancelled` = the operator called it off before that.
 */
export type DrawState = "upcoming" | "open" | "closed" | "drawing" | "drawn" | "cancelled";

/** How chances are spread, fixed before entries open. With `luck_balancing` an entry counts once more for each earlier draw that its consumer was not selected in, up to `maxWeight`. */
export type DrawWeighting = { readonly rule: "equal" } | { readonly rule: "luck_balancing"; readonly maxWeight: number };

/** The public randomness that a draw waits for, beside its own secret seed. */
export interface DrawBeaconRound {
  /** Which beacon, by the hash of its chain, in hex. */
  readonly chainHash: string;
  readonly round: number;
  /** When the round is published, ISO 8601. */
  readonly at: string;
}

/** Why the round of a beacon is not there yet: nobody was named to ask, nobody answers, they have none, or what they say is not signed by the beacon. */
export type BeaconTrouble = "not_configured" | "unreachable" | "not_published" | "not_genuine";

/** Why an entrant is not, or no longer, in the draw. */
export type DrawDenyReason = "DRAW_CLOSED" | "DRAW_CANCELLED" | Exclude<DenyReason, "QUEUE_CLOSED">;

/** What was fixed in public before entries opened. The hash covers seed and rules as `docs/draw-proof.md` says; its further fields are told there. */
export interface DrawCommitment {
  /** Hex. */
  readonly hash: string;
  readonly committedAt: string;
  readonly [field: string]: unknown;
}

/** Signed word of the service that this entry is in; whoever keeps it can prove later that it was. Its further fields are told in `docs/draw-proof.md`. */
export interface DrawReceipt {
  readonly drawId: string;
  /** The entry as the transcript names it: no personal data, and known to this consumer alone before the list is published. */
  readonly entry: string;
  readonly [field: string]: unknown;
}

/** `GET /draws/:drawId/proof`: that this consumer's entry is under the published root, at most 1 KB. Its further fields are told in `docs/draw-proof.md`. */
export interface DrawProof {
  readonly drawId: string;
  readonly entry: string;
  readonly [field: string]: unknown;
}

/** `GET /draws/:drawId/transcript`: everything that a stranger needs to recompute the draw, and nothing about anybody (contract §7). */
export interface DrawTranscript {
  readonly drawId: string;
  readonly [field: string]: unknown;
}

/** One consumer's standing in one draw, as the service tells it (contract §4). Never carries a grant token. */
export type DrawConsumerState =
  | { readonly status: "NOT_ENTERED" }
  | {
      readonly status: "ENTERED";
      readonly enteredAt: string;
      /** Until then one may enter and leave. */
      readonly closeAt: string;
      readonly drawAt: string;
      readonly winnerCount: number;
      /** Entries so far. */
      readonly entrants: number;
      /** How often this entry counts; 1 under equal chances. */
      readonly weight: number;
      /** When to ask again, in seconds. */
      readonly pollAfterSeconds: number;
      readonly message?: string;
    }
  | {
      /** Entries are closed, the result is not published yet. */
      readonly status: "SETTLING";
      readonly enteredAt: string;
      readonly drawAt: string;
      readonly winnerCount: number;
      readonly entrants: number;
      readonly weight: number;
      readonly pollAfterSeconds: number;
      readonly message?: string;
    }
  | { readonly status: "WON"; readonly wonAt: string; readonly grantId: string; readonly expiresAt: string; readonly pollAfterSeconds: number }
  | {
      readonly status: "NOT_SELECTED";
      readonly drawnAt: string;
      /** Where unclaimed wins go on down the list (`continueSelectingUntilCompleted`): how many stand before this entry, and when to ask again. Null once no win can come any more. */
      readonly reserve: { readonly ahead: number; readonly pollAfterSeconds: number } | null;
    }
  | { readonly status: "COMPLETED" }
  | { readonly status: "EXPIRED" }
  | { readonly status: "LEFT" }
  | { readonly status: "DENIED"; readonly denyReason: DrawDenyReason }
  | { readonly status: "CANCELLED"; readonly cancelledAt: string; readonly message?: string };

/** `POST /draws/:drawId/enter`: the state, the token that makes polling cheap, and the receipt while the entry stands. Entering again answers the same. */
export type EnterDrawAnswer = DrawConsumerState & { readonly pollToken: string; readonly receipt?: DrawReceipt };

/** `GET /draws/:drawId`: the same bytes for everyone. */
export interface PublicDraw {
  readonly id: string;
  readonly experienceId: string;
  readonly sequenceId: string;
  readonly name: string;
  readonly state: DrawState;
  /** Null = open since it was made. */
  readonly openAt: string | null;
  /** When entries close: what the operator set, else `drawAt`. */
  readonly closeAt: string;
  readonly drawAt: string;
  /** Where the operator moved it: the times that were announced before, oldest first. */
  readonly earlierDrawAts: readonly string[];
  readonly winnerCount: number;
  /** Entries that it takes; null = no limit. */
  readonly capacity: number | null;
  readonly entrants: number;
  readonly continueSelectingUntilCompleted: boolean;
  readonly weighting: DrawWeighting;
  readonly beacon: DrawBeaconRound | null;
  /** Null until the rules are fixed. */
  readonly commitment: DrawCommitment | null;
  /** Merkle root of the closed entry list, hex; null until entries are closed. */
  readonly root: string | null;
  readonly rootedAt: string | null;
  readonly drawnAt: string | null;
  readonly cancelledAt: string | null;
  readonly version: number;
  readonly message?: string;
}
