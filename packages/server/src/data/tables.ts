import type {
  ChallengeReason,
  EntryBinding,
  EntryCheckState,
  LinkOutcome,
  MessageLanguage,
  ProtectionLevel,
  SecurityEventKind,
} from "@fanfare-io/fanfare-contract";
import type { ColumnType, Generated } from "kysely";

type Instant = ColumnType<Date, Date, Date>;
type InstantOrNull = ColumnType<Date | null, Date | null | undefined, Date | null>;
type Bytes = ColumnType<Uint8Array, Uint8Array, Uint8Array>;
type BytesOrNull = ColumnType<Uint8Array | null, Uint8Array | null | undefined, Uint8Array | null>;
type Nullable<T> = ColumnType<T | null, T | null | undefined, T | null>;

/** The kinds of `AuthenticationRule`; the domains stand in a column of their own. */
type RuleName = "guest" | "identified" | "email";

interface OrganizationTable {
  id: string;
  name: string;
  embeddingAllowedHosts: Nullable<string[]>;
  sessionDurationSeconds: number;
  checkoutSeconds: number;
  retentionDays: Generated<number>;
  onIdentityConflict: Generated<"merge" | "reject">;
  language: Nullable<MessageLanguage>;
  phoneCountries: Generated<string[]>;
  phoneMessagesPerDay: Generated<number>;
  guestsPerMinute: Generated<number | null>;
  createdAt: Instant;
}

interface ApiKeyTable {
  organizationId: string;
  id: string;
  kind: "publishable" | "secret";
  environment: "live" | "test";
  keyHash: Bytes;
  hint: string;
  createdAt: Instant;
  revokedAt: InstantOrNull;
}

interface ConsumerTable {
  organizationId: string;
  id: string;
  type: "guest" | "identified";
  email: Nullable<string>;
  phone: Nullable<string>;
  fullName: Nullable<string>;
  lostDraws: Generated<number>;
  createdAt: Instant;
}

interface ConsumerIdentityTable {
  organizationId: string;
  kind: "email" | "phone" | "external";
  value: string;
  consumerId: string;
  provedAt: Instant;
}

interface ConsumerAliasTable {
  organizationId: string;
  aliasId: string;
  consumerId: string;
  linkedAt: Instant;
  endedAt: InstantOrNull;
}

interface ConsumerLinkTable {
  organizationId: string;
  id: string;
  sessionId: string;
  identityKind: "email" | "phone" | "external";
  identityValue: string;
  consumerId: string;
  fromConsumerId: Nullable<string>;
  outcome: LinkOutcome;
  linkedAt: Instant;
  undoneAt: InstantOrNull;
}

interface SessionTable {
  organizationId: string;
  id: string;
  consumerId: string;
  guestId: Nullable<string>;
  installKey: BytesOrNull;
  keyThumbprint: BytesOrNull;
  signalsKey: BytesOrNull;
  signalsDriven: Generated<boolean>;
  refreshCounter: number;
  refreshedAt: Instant;
  durationSeconds: number;
  idleExpiresAt: Instant;
  familyExpiresAt: Instant;
  revokedAt: InstantOrNull;
  revokedReason: Nullable<string>;
  createdAt: Instant;
}

interface ExperienceTable {
  organizationId: string;
  id: string;
  name: string;
  timeZone: string;
  protectionLevel: Generated<ProtectionLevel>;
  maxEntriesPerConsumer: Nullable<number>;
  entryBinding: Nullable<EntryBinding>;
  authentication: Generated<RuleName>;
  emailDomains: Nullable<string[]>;
  archived: Generated<boolean>;
  createdAt: Instant;
  updatedAt: InstantOrNull;
}

interface ExperienceVisitTable {
  organizationId: string;
  experienceId: string;
  consumerId: string;
  visitedAt: Instant;
}

interface SequenceTable {
  organizationId: string;
  id: string;
  experienceId: string;
  name: string;
  priority: number;
  accessCodeHash: BytesOrNull;
  authentication: Generated<RuleName>;
  emailDomains: Nullable<string[]>;
  archived: Generated<boolean>;
  createdAt: Instant;
  updatedAt: InstantOrNull;
}

interface QueueTable {
  organizationId: string;
  id: string;
  sequenceId: string;
  experienceId: string;
  name: string;
  openAt: InstantOrNull;
  closeAt: InstantOrNull;
  paused: Generated<boolean>;
  killed: Generated<boolean>;
  passThrough: Generated<boolean>;
  admitRate: number;
  capacity: Nullable<number>;
  maxWaiting: Nullable<number>;
  maxAdmissions: Nullable<number>;
  admissionExpirationSeconds: number;
  holdSeconds: Generated<number>;
  grantExtensions: Generated<number>;
  grantExtensionSeconds: Generated<number>;
  positionDisplayMode: "precise" | "qualitative";
  message: Nullable<string>;
  ordering: Generated<"fifo" | "shuffle_early">;
  orderSeed: BytesOrNull;
  earlyTickets: Nullable<number>;
  nextTicket: Generated<number>;
  archived: Generated<boolean>;
  createdAt: Instant;
  updatedAt: InstantOrNull;
}

/** What composed queries read of a draw; hand-written ones read the rest. */
interface DrawTable {
  organizationId: string;
  id: string;
  createdAt: Instant;
}

interface QueueEntryTable {
  queueId: string;
  organizationId: string;
  ticket: Nullable<number>;
  consumerId: string;
  state: "waiting" | "admitted" | "completed" | "expired" | "left" | "denied";
  live: Generated<boolean>;
  aheadAtEntry: number;
  enteredAt: Instant;
  endedAt: InstantOrNull;
  denyReason: Nullable<string>;
}

interface DistributionCountersTable {
  distributionId: string;
  organizationId: string;
  active: Generated<number>;
  granted: Generated<number>;
  version: Generated<number>;
  owner: Nullable<string>;
  epoch: Generated<number>;
  leaseExpiresAt: InstantOrNull;
  stock: Nullable<number>;
  tokens: Generated<number>;
  refilledAt: InstantOrNull;
}

interface DistributionChangeTable {
  distributionId: string;
  organizationId: string;
  version: number;
  kind: "admitted" | "left" | "completed" | "expired" | "drawn" | "asked" | "returned";
  tickets: number[];
  at: Instant;
}

interface AdmissionGrantTable {
  distributionId: string;
  organizationId: string;
  id: string;
  mechanism: string;
  experienceId: string;
  sequenceId: string;
  consumerId: string;
  ticket: Nullable<number>;
  state: "active" | "held" | "completed" | "expired" | "revoked";
  grantedAt: Instant;
  expiresAt: Instant;
  presentationId: Nullable<string>;
  presentationUsed: Generated<boolean>;
  presentationSession: Nullable<string>;
  redemptionId: Nullable<string>;
  heldUntil: InstantOrNull;
  receiptId: Nullable<string>;
  orderId: Nullable<string>;
  orderAmount: Nullable<string>;
  completedAt: InstantOrNull;
}

interface SecurityEventTable {
  organizationId: string;
  id: string;
  kind: SecurityEventKind;
  createdAt: Instant;
  lastAt: Instant;
  times: number;
  consumerId: Nullable<string>;
  sessionId: Nullable<string>;
  subject: Nullable<string>;
  reason: Nullable<string>;
  network: Nullable<string>;
  requestId: Nullable<string>;
}

interface EntryCheckTable {
  organizationId: string;
  distributionId: string;
  consumerId: string;
  experienceId: string;
  id: string;
  addressKey: Uint8Array;
  networkKey: Uint8Array;
  alikeKey: BytesOrNull;
  state: EntryCheckState;
  reasons: readonly ChallengeReason[];
  createdAt: Instant;
  askedAt: InstantOrNull;
  heldUntil: InstantOrNull;
  answeredAt: InstantOrNull;
}

/** The schema as composed queries see it: camelCase here, snake_case in the database, converted by the query builder alone. */
export interface Tables {
  organization: OrganizationTable;
  apiKey: ApiKeyTable;
  consumer: ConsumerTable;
  consumerIdentity: ConsumerIdentityTable;
  consumerAlias: ConsumerAliasTable;
  consumerLink: ConsumerLinkTable;
  session: SessionTable;
  experience: ExperienceTable;
  experienceVisit: ExperienceVisitTable;
  sequence: SequenceTable;
  queue: QueueTable;
  queueEntry: QueueEntryTable;
  draw: DrawTable;
  distributionCounters: DistributionCountersTable;
  distributionChange: DistributionChangeTable;
  admissionGrant: AdmissionGrantTable;
  securityEvent: SecurityEventTable;
  entryCheck: EntryCheckTable;
}
