import type { Mechanism } from "./session.ts";

/** A live participation, as `GET /consumers/me` lists it. */
export interface ActiveParticipation {
  readonly mechanism: Mechanism;
  readonly distributionId: string;
  readonly experienceId: string;
  readonly sequenceId: string;
  readonly status: "participating" | "admitted";
  readonly enteredAt: string;
  readonly grantId?: string;
  readonly expiresAt?: string;
}

/** `GET /consumers/me`. */
export interface ConsumerProfile {
  readonly id: string;
  readonly type: "guest" | "identified";
  readonly email: string | null;
  readonly phone: string | null;
  readonly fullName: string | null;
  readonly createdAt: string;
  readonly active: { readonly participations: readonly ActiveParticipation[] };
}
