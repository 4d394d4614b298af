import type { AdminRecord } from "./admin.ts";
import type { DrawBeaconRound, DrawState, DrawWeighting } from "./draws.ts";

/** A draw as its operator sees it. */
export interface Draw extends AdminRecord {
  readonly sequenceId: string;
  readonly experienceId: string;
  readonly name: string;
  readonly state: DrawState;
  readonly openAt: string | null;
  /** Null = entries close at `drawAt`. */
  readonly closeAt: string | null;
  readonly drawAt: string;
  readonly winnerCount: number;
  /** Entries that it takes; null = no limit. */
  readonly capacity: number | null;
  /** Life of a winner's grant, in seconds. */
  readonly admissionExpirationSeconds: number;
  /** Whether an unclaimed win goes to the next in rank. */
  readonly continueSelectingUntilCompleted: boolean;
  readonly weighting: DrawWeighting;
  readonly beacon: DrawBeaconRound | null;
  readonly entrants: number;
  readonly message: string | null;
  readonly drawnAt: string | null;
  readonly cancelledAt: string | null;
}

/** `POST /draws`. */
export interface CreateDrawRequest {
  readonly id?: string;
  readonly sequenceId: string;
  readonly name: string;
  readonly openAt?: string | null;
  readonly closeAt?: string | null;
  readonly drawAt: string;
  readonly winnerCount: number;
  readonly capacity?: number | null;
  readonly admissionExpirationSeconds?: number;
  readonly continueSelectingUntilCompleted?: boolean;
  /** Equal chances unless set. */
  readonly weighting?: DrawWeighting;
  readonly beacon?: DrawBeaconRound | null;
  readonly message?: string | null;
}

/** `PUT /draws/:drawId`. What the commitment covers cannot change once entries are open: 409 `draw_committed`. */
export type UpdateDrawRequest = Partial<Omit<CreateDrawRequest, "id" | "sequenceId">>;
