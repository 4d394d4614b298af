import type { Mechanism } from "./session.ts";

/** `GET /experiences/:id`: what anyone with the publishable key may know. */
export interface PublicExperience {
  readonly id: string;
  readonly name: string;
  readonly timeZone: string;
  /** Earliest opening of its distributions; null = always open. */
  readonly openAt: string | null;
  /** Latest close of its distributions; null = no end. */
  readonly closeAt: string | null;
}

/** `POST /experiences/:id/enter`: records a visit. */
export interface ExperienceVisit {
  readonly enteredAt: string;
  readonly experience: PublicExperience;
}

/** `POST /experiences/:id/route`. */
export interface RouteRequest {
  readonly accessCode?: string;
}

export type GateCode = "AUTH_REQUIRED" | "ACCESS_CODE_REQUIRED" | "BOT_CHECK_REQUIRED";

/** Public timing of a distribution. `killed` = stopped by the operator. */
export type DistributionState = "upcoming" | "active" | "ended" | "killed";

/** One way into the experience that this consumer may take, or may take once its gates are passed. */
export interface RouteOffer {
  readonly sequenceId: string;
  readonly name: string;
  /** Higher goes first. */
  readonly priority: number;
  readonly gates: readonly { readonly reason: { readonly code: GateCode; readonly detail: string } }[];
  readonly distribution: {
    readonly id: string;
    readonly type: Mechanism;
    readonly state: DistributionState;
    readonly openAt: string | null;
    readonly closeAt: string | null;
    /** Draws only: when the result is due. */
    readonly drawAt?: string;
  };
}

export interface RouteAnswer {
  readonly experienceId: string;
  readonly outcome: "routed" | "gated" | "no_access";
  readonly offers: readonly RouteOffer[];
}
