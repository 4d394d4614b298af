import type { EntryBinding } from "./entry-checks.ts";
import type { CreateDrawRequest, Draw } from "./admin-draws.ts";
import type { AdminRecord } from "./admin-record.ts";
import type { AuthenticationRule } from "./authentication.ts";
import type { ProtectionLevel } from "./challenges.ts";
import type { QueueOrdering, QueueState, WaitEstimate } from "./queues.ts";

/** A page of a list; cursors are opaque. */
export interface Page<T> {
  readonly data: readonly T[];
  readonly pageInfo: { readonly startCursor: string | null; readonly endCursor: string | null };
}

/** The languages that messages to consumers are written in. */
export type MessageLanguage = "en" | "de" | "fr" | "es";

/** An organization: the tenant that everything else belongs to. */
export interface Organization {
  readonly id: string;
  readonly name: string;
  /** Hosts (with port where it is not the default) that may embed the SDK; null = localhost only. */
  readonly embeddingAllowedHosts: readonly string[] | null;
  readonly sessionDurationSeconds: number;
  readonly checkoutSeconds: number;
  /** Days after which what has ended is forgotten: sessions, guests, places, grants, visits. */
  readonly retentionDays: number;
  /** What happens when a guest proves what another consumer is known by: their participations come together, or nothing changes and the guest is told. */
  readonly onIdentityConflict: "merge" | "reject";
  /** The language of messages to consumers; null = the asker's own, as far as there is one (English otherwise). */
  readonly language: MessageLanguage | null;
  /** Countries (ISO 3166) that codes are sent to by text message; none unless set, because each message costs money. */
  readonly phoneCountries: readonly string[];
  /** Text messages a day (UTC) at most. */
  readonly phoneMessagesPerDay: number;
  /** New guests a minute at most, on each node; the others are asked to come back, and whoever is a guest already goes on. Null = no limit. */
  readonly guestsPerMinute: number | null;
  readonly createdAt: string;
}

/** `POST /organizations` (operator): keys may be given, and are shown this once. */
export interface CreateOrganizationRequest {
  readonly id?: string;
  readonly name: string;
  readonly publishableKey?: string;
  readonly secretKey?: string;
  readonly embeddingAllowedHosts?: readonly string[] | null;
  readonly sessionDurationSeconds?: number;
  readonly checkoutSeconds?: number;
  readonly retentionDays?: number;
  readonly onIdentityConflict?: "merge" | "reject";
  readonly language?: MessageLanguage | null;
  readonly phoneCountries?: readonly string[];
  readonly phoneMessagesPerDay?: number;
  readonly guestsPerMinute?: number | null;
}

export interface CreatedOrganization {
  readonly organization: Organization;
  readonly publishableKey: string;
  readonly secretKey: string;
}

/** `PUT /organizations/current`. */
export interface UpdateOrganizationRequest {
  readonly name?: string;
  readonly embeddingAllowedHosts?: readonly string[] | null;
  readonly sessionDurationSeconds?: number;
  readonly checkoutSeconds?: number;
  readonly retentionDays?: number;
  readonly onIdentityConflict?: "merge" | "reject";
  readonly language?: MessageLanguage | null;
  readonly phoneCountries?: readonly string[];
  readonly phoneMessagesPerDay?: number;
  readonly guestsPerMinute?: number | null;
}

/** `POST /signing-keys/rotate` (operator). */
export interface RotateSigningKeysRequest {
  /** True: the old key is worth nothing from now on, and neither is what it signed. */
  readonly compromised?: boolean;
}

/** A key that signs grant tokens, or soon will, or lately did: public in the JWKS. */
export interface SigningKeyFacts {
  readonly kid: string;
  readonly signsFrom: string;
  readonly retiresAt: string | null;
}

export interface SigningKeyList {
  readonly keys: readonly SigningKeyFacts[];
}

/** An API key as it can be shown: never the key itself. */
export interface ApiKey {
  readonly id: string;
  readonly kind: "publishable" | "secret";
  readonly environment: "live" | "test";
  /** The last four characters, to tell keys apart. */
  readonly hint: string;
  readonly createdAt: string;
  readonly revokedAt: string | null;
}

export interface CreateApiKeyRequest {
  readonly kind: "publishable" | "secret";
  readonly environment?: "live" | "test";
  /** Chosen by the caller, else made by the service. */
  readonly key?: string;
}

/** The key in full, shown once. */
export interface CreatedApiKey extends ApiKey {
  readonly key: string;
}

export interface Experience extends AdminRecord {
  readonly name: string;
  readonly timeZone: string;
  /** How much it asks of those who enter (`standard` unless set). */
  readonly protectionLevel: ProtectionLevel;
  /**
   * In how many queues and draws of it one consumer may take part, over all of their devices: places and entries that live, and what was bought. Null, or
   * never set = in all of them.
   */
  readonly maxEntriesPerConsumer: number | null;
  /** Which device redeems. Unless set, the one that entered from `enhanced` up, any below. */
  readonly entryBinding: EntryBinding;
  /** Who may take any of its ways in; a sequence may ask for more. `guest` unless set. */
  readonly authentication: AuthenticationRule;
}

export interface CreateExperienceRequest {
  readonly id?: string;
  readonly name: string;
  readonly timeZone?: string;
  readonly protectionLevel?: ProtectionLevel;
  readonly maxEntriesPerConsumer?: number | null;
  /** Null = by the level of protection. */
  readonly entryBinding?: EntryBinding | null;
  readonly authentication?: AuthenticationRule;
  /** A first way in, with its queues and draws, in the same call: all of it is made, or nothing. */
  readonly sequence?: Omit<CreateSequenceRequest, "experienceId"> & {
    readonly queues?: readonly Omit<CreateQueueRequest, "sequenceId">[];
    readonly draws?: readonly Omit<CreateDrawRequest, "sequenceId">[];
  };
}

export interface UpdateExperienceRequest {
  readonly name?: string;
  readonly timeZone?: string;
  readonly protectionLevel?: ProtectionLevel;
  readonly maxEntriesPerConsumer?: number | null;
  /** Null = by the level of protection. */
  readonly entryBinding?: EntryBinding | null;
  readonly authentication?: AuthenticationRule;
}

export interface Sequence extends AdminRecord {
  readonly experienceId: string;
  readonly name: string;
  /** Higher goes first. */
  readonly priority: number;
  readonly hasAccessCode: boolean;
  /** Who may take this way in. `guest` unless set. */
  readonly authentication: AuthenticationRule;
}

export interface CreateSequenceRequest {
  readonly id?: string;
  readonly experienceId: string;
  readonly name: string;
  readonly priority?: number;
  readonly accessCode?: string | null;
  readonly authentication?: AuthenticationRule;
}

export interface UpdateSequenceRequest {
  readonly name?: string;
  readonly priority?: number;
  readonly accessCode?: string | null;
  readonly authentication?: AuthenticationRule;
}

/** A queue as its operator sees it. Rates are consumers per minute. */
export interface Queue extends AdminRecord {
  readonly sequenceId: string;
  readonly experienceId: string;
  readonly name: string;
  readonly openAt: string | null;
  readonly closeAt: string | null;
  readonly paused: boolean;
  /** Stopped by the operator for good: nobody enters, waits or is admitted. */
  readonly killed: boolean;
  /** Everybody is let in as they come, whatever `admitRate` says; the caps hold. */
  readonly passThrough: boolean;
  readonly admitRate: number;
  /** Live grants at once (I4); null = as many as the rate lets in. */
  readonly capacity: number | null;
  /** People who may wait; null = no limit. */
  readonly maxWaiting: number | null;
  /** Grants in all; null = no limit. */
  readonly maxAdmissions: number | null;
  /** Life of a grant, in seconds. */
  readonly admissionExpirationSeconds: number;
  /** How long the place of a waiter who is not heard of is kept, in seconds (1800 unless set). */
  readonly holdSeconds: number;
  /** How often the holder of a grant may ask for more time (0 unless set), and for how many seconds each time (300 unless set). */
  readonly grantExtensions: number;
  readonly grantExtensionSeconds: number;
  readonly positionDisplayMode: "precise" | "qualitative";
  readonly message: string | null;
  /** Changes only while nobody has entered. */
  readonly ordering: QueueOrdering;
}

export interface CreateQueueRequest {
  readonly id?: string;
  readonly sequenceId: string;
  readonly name: string;
  readonly openAt?: string | null;
  readonly closeAt?: string | null;
  readonly paused?: boolean;
  readonly killed?: boolean;
  readonly admitRate: number;
  readonly capacity?: number | null;
  readonly maxWaiting?: number | null;
  readonly maxAdmissions?: number | null;
  readonly admissionExpirationSeconds?: number;
  readonly holdSeconds?: number;
  readonly grantExtensions?: number;
  readonly grantExtensionSeconds?: number;
  readonly positionDisplayMode?: "precise" | "qualitative";
  readonly message?: string | null;
  readonly ordering?: QueueOrdering;
}

export type UpdateQueueRequest = Partial<Omit<CreateQueueRequest, "id" | "sequenceId">>;

/** `POST /queues/:id/admit`: lets this many people in at once. */
export interface AdmitNowRequest {
  readonly count: number;
}

/**
 * How many went in, and what kept the rest out: no free slot, no grant left, nothing left to sell, nobody in line (or no order in it yet), or
 * nobody of those in line there. `presence`: people far from their turn need not ask for themselves; so many as are wanted have been asked to
 * come now, and the same call a minute and a half later lets them in.
 */
export interface AdmittedNow {
  readonly admitted: number;
  readonly limitedBy: "capacity" | "total" | "stock" | "line" | "presence" | null;
}

/** How a queue is doing now. Rates are consumers per minute. */
export interface QueueMetrics {
  readonly queueId: string;
  readonly at: string;
  readonly state: QueueState;
  readonly waiting: number;
  /** Of the waiting, those who were heard of lately; exact for the next three minutes' worth of people, at least so many beyond. */
  readonly present: number;
  /** Grants in use: the checkout slots that are taken. */
  readonly activeGrants: number;
  /** Grants in all. */
  readonly granted: number;
  /** What is left to sell, as the shop reported it less the sales since; null = it does not count. */
  readonly stock: number | null;
  /** Tickets handed out. */
  readonly joined: number;
  readonly admitRatePerMinute: number;
  /** What really went through lately; null while too little was seen. */
  readonly observedRatePerMinute: number | null;
  /** The wait of someone who joins now; null when nothing honest can be said. */
  readonly estimate: WaitEstimate | null;
}

/** An experience with everything in it, as `GET /experiences/:id` on the admin plane returns it. */
export interface ExperienceTree extends Experience {
  readonly sequences: readonly (Sequence & { readonly queues: readonly Queue[]; readonly draws: readonly Draw[] })[];
}
