import type { AdminRecord } from "./admin-record.ts";
import type { BeaconTrouble, DrawBeaconRound, DrawState, DrawWeighting } from "./draws.ts";

/** A draw that could be made, had its beacon's round come: the service asks for it, or takes it from its operator (`POST /draws/:drawId/beacon`). */
export interface DrawBeaconWait {
  readonly since: string;
  readonly lastAskedAt: string | null;
  /** Null while nobody was asked. */
  readonly trouble: BeaconTrouble | null;
}

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
  readonly beaconWait: DrawBeaconWait | null;
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

/** What cannot be taken back is confirmed: the draw's own id, once more. */
export interface DrawConfirmation {
  readonly confirm: string;
}

/** `DELETE /draws/:drawId`: a draw that somebody is in is called off by it, and that is confirmed. */
export type ArchiveDrawQuery = Partial<DrawConfirmation>;

/** `POST /draws/:drawId/cancel`. */
export interface CancelDrawRequest extends DrawConfirmation {
  /** What entrants are told. */
  readonly message?: string | null;
}

/** `POST /draws/:drawId/beacon`: the signature of the promised round, as the beacon published it, in hex. */
export interface BeaconRecord {
  readonly signature: string;
}

/** `POST /draws/:drawId/rehearse`. */
export interface RehearseDrawRequest {
  /** 32 bytes, hex; made up where none is given. The draw's own seed is no part of it. */
  readonly seed?: string;
}

/** What a draw of the same entries would have given under another seed. Nothing of it is kept or published. */
export interface RehearsedDraw {
  readonly seed: string;
  readonly entries: number;
  readonly eligible: number;
  /** Tickets in the order drawn, the first thousand. */
  readonly winners: readonly number[];
  /** Of those eligible and of the winners, how many weigh how much. */
  readonly weights: readonly { readonly weight: number; readonly eligible: number; readonly winners: number }[];
}

/** One win, in the order in which wins were granted. */
export interface DrawWin {
  readonly ticket: number;
  readonly consumerId: string;
  readonly grantId: string;
  readonly status: "active" | "held" | "completed" | "expired" | "revoked";
  readonly wonAt: string;
  readonly expiresAt: string;
  readonly orderId: string | null;
}

/** `GET /draws/:drawId/wins`. */
export interface DrawWins {
  readonly data: readonly DrawWin[];
}

/** `PUT /draws/:drawId`. Once entries are open, only times, the beacon's round, name, message, capacity and the life of grants may change. What the commitment covers cannot change once entries are open: 409 `draw_committed`. */
export type UpdateDrawRequest = Partial<Omit<CreateDrawRequest, "id" | "sequenceId">>;
