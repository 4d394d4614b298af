import type { EntryCheck } from "./entry-checks.ts";
import type { DenyReason } from "./queues.ts";
import type { SecurityEvent } from "./security.ts";
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

/** `GET /consumers/me/export`: everything that the service holds about a consumer, in words of this contract. */
export interface ConsumerExport {
  readonly exportedAt: string;
  readonly consumer: Omit<ConsumerProfile, "active">;
  readonly sessions: readonly {
    readonly id: string;
    readonly createdAt: string;
    readonly lastUsedAt: string;
    readonly expiresAt: string;
    /** Whether it belongs to a key of the device. */
    readonly bound: boolean;
    readonly endedAt: string | null;
    readonly endedBecause: string | null;
  }[];
  readonly participations: readonly {
    readonly mechanism: Mechanism;
    readonly distributionId: string;
    readonly experienceId: string;
    readonly sequenceId: string;
    readonly ticket: number | null;
    readonly status: "waiting" | "admitted" | "completed" | "expired" | "left" | "denied";
    readonly enteredAt: string;
    readonly endedAt: string | null;
  }[];
  readonly grants: readonly {
    readonly grantId: string;
    readonly mechanism: Mechanism;
    readonly distributionId: string;
    readonly experienceId: string;
    readonly status: "active" | "held" | "completed" | "expired" | "revoked";
    readonly grantedAt: string;
    readonly expiresAt: string;
    readonly orderId: string | null;
    readonly orderAmount: string | null;
    readonly completedAt: string | null;
  }[];
  readonly visits: readonly { readonly experienceId: string; readonly visitedAt: string }[];
  /** What protected launches asked, and why. */
  readonly entryChecks: readonly Pick<EntryCheck, "distributionId" | "state" | "reasons" | "createdAt" | "askedAt" | "answeredAt">[];
  /** The newest thousand. */
  readonly securityEvents: readonly SecurityEvent[];
}

/** `POST /consumers/:id/revoke` (operator): ends sessions, places and unused grants. `reason` is what the consumer's page is told. */
export interface RevokeRequest {
  readonly reason?: Extract<DenyReason, "BOT_DETECTED" | "ORDER_LIMIT_EXCEEDED" | "ADMISSION_EXPIRED">;
}

/** How much ended. */
export interface RevokedConsumer {
  readonly consumerId: string;
  readonly sessions: number;
  readonly places: number;
  readonly grants: number;
}

/** `POST /grants/revoke` (operator). */
export interface RevokeGrantRequest extends RevokeRequest {
  readonly distributionId: string;
  readonly grantId: string;
}

export interface RevokedGrant {
  readonly grantId: string;
  readonly status: "revoked";
}
