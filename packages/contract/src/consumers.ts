import type { EntryCheck } from "./entry-checks.ts";
import type { DenyReason } from "./queues.ts";
import type { SecurityEvent } from "./security.ts";
import type { LinkOutcome, Mechanism, ParticipationRef } from "./session.ts";

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

/** `PATCH /consumers/me`. Addresses change by proving them. */
export interface UpdateProfileRequest {
  readonly fullName?: string | null;
}

/** How a consumer is known: what was proved. */
export interface ConsumerIdentity {
  readonly kind: "email" | "phone" | "external";
  /** An external one is the JSON text of provider, issuer and subject. */
  readonly value: string;
  readonly provedAt: string;
}

/** What a proof did to a consumer. */
export interface ConsumerLink {
  readonly id: string;
  readonly kind: LinkOutcome["kind"];
  readonly identityKind: ConsumerIdentity["kind"];
  /** The guest who turned out to be this consumer, or whose session it was before. */
  readonly fromConsumerId: string | null;
  readonly moved: readonly ParticipationRef[];
  readonly kept: readonly ParticipationRef[];
  readonly linkedAt: string;
  /** When an operator took it apart. */
  readonly undoneAt: string | null;
}

/** A consumer as its operator sees it. */
export interface ConsumerRecord extends ConsumerProfile {
  readonly identities: readonly ConsumerIdentity[];
  /** The ids that it came by as a guest; they go on leading here. */
  readonly aliases: readonly string[];
  readonly links: readonly ConsumerLink[];
  /** Everything that it took part in, under any of its ids. */
  readonly participations: ConsumerExport["participations"];
  readonly grants: ConsumerExport["grants"];
}

/** `POST /consumers/:id/unlink` (operator): `:id` is the guest's, which is a consumer of its own again. */
export interface UnlinkedConsumer {
  readonly consumerId: string;
  /** Whom it was taken to be. */
  readonly fromConsumerId: string;
  /** Where it stands again, at the tail. */
  readonly reentered: readonly ParticipationRef[];
}

/** `GET /consumers/me/export`: everything that the service holds about a consumer, in words of this contract. */
export interface ConsumerExport {
  readonly exportedAt: string;
  readonly consumer: Omit<ConsumerProfile, "active">;
  /** Draws without a win whose entries are forgotten by now: a number is all that is kept of them, for luck balancing. */
  readonly lostDraws: number;
  readonly identities: readonly ConsumerIdentity[];
  /** The ids that the consumer came by as a guest. */
  readonly aliases: readonly string[];
  readonly links: readonly ConsumerLink[];
  readonly sessions: readonly {
    readonly id: string;
    readonly createdAt: string;
    readonly lastUsedAt: string;
    readonly expiresAt: string;
    /** Whether it belongs to a key of the device. */
    readonly bound: boolean;
    /** RFC 7638 thumbprint of that key. */
    readonly keyThumbprint: string | null;
    /** What is kept of signals that were given: their hash, and what was said of who drives the browser. Null where nothing is. */
    readonly signals: { readonly hash: string; readonly webdriver: boolean } | null;
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
  /** What protected launches asked, why, and the hashes of where somebody came from that it was counted by. */
  readonly entryChecks: readonly (Pick<EntryCheck, "distributionId" | "state" | "reasons" | "createdAt" | "askedAt" | "answeredAt"> & {
    readonly addressHash: string;
    readonly networkHash: string;
    /** Of the network with the signals; null without signals. */
    readonly signalsHash: string | null;
  })[];
  /** Places that only the device with this key may redeem. */
  readonly boundEntries: readonly { readonly distributionId: string; readonly keyThumbprint: string; readonly boundAt: string }[];
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
