import type { RouteName } from "@fanfare-io/fanfare-contract";
import type { DrawDesk } from "../draws/desk.ts";
import type { Database } from "../data/database.ts";
import type { Inbox } from "../delivery/inbox.ts";
import type { NewGuest } from "../data/sessions.ts";
import { adminConsumerHandlers } from "../http/admin/consumers.ts";
import { knownConsumerHandlers } from "../http/admin/known-consumers.ts";
import { entryBindingHandlers } from "../http/admin/entry-bindings.ts";
import { entryCheckHandlers } from "../http/admin/entry-checks.ts";
import { inboxHandlers } from "../http/admin/inbox.ts";
import { experienceHandlers as launchHandlers } from "../http/admin/experiences.ts";
import { drawControlHandlers } from "../http/admin/draw-controls.ts";
import { drawSettingsHandlers } from "../http/admin/draws.ts";
import { organizationHandlers } from "../http/admin/organizations.ts";
import { queueControlHandlers } from "../http/admin/queue-controls.ts";
import { queueSettingsHandlers } from "../http/admin/queues.ts";
import { securityHandlers } from "../http/admin/security.ts";
import { sequenceHandlers } from "../http/admin/sequences.ts";
import { authHandlers } from "../http/consumer/auth.ts";
import { challengeHandlers } from "../http/consumer/challenges.ts";
import { consumerHandlers } from "../http/consumer/consumers.ts";
import { createEntryGate } from "../http/consumer/entry-gate.ts";
import type { EntryKeyCommit } from "../http/consumer/entry-gate.ts";
import { drawGrantHandlers } from "../http/consumer/draw-grants.ts";
import { drawHandlers } from "../http/consumer/draws.ts";
import { experienceHandlers } from "../http/consumer/experiences.ts";
import { grantHandlers } from "../http/consumer/grants.ts";
import { queueGrantHandlers } from "../http/consumer/queue-grants.ts";
import type { GuestOutcome } from "../http/consumer/guests.ts";
import { createProtection } from "../http/consumer/protection.ts";
import type { EntryCommit } from "../http/consumer/protection.ts";
import type { OtpHandlersDeps } from "../http/consumer/otp.ts";
import { otpHandlers } from "../http/consumer/otp.ts";
import type { RenewalCommit } from "../http/consumer/renewals.ts";
import { queueHandlers } from "../http/consumer/queues.ts";
import { externalHandlers } from "../http/consumer/external.ts";
import { ownSessionHandlers } from "../http/consumer/own-sessions.ts";
import type { StatusStreams } from "../http/consumer/status-streams.ts";
import { transferHandlers } from "../http/consumer/transfer.ts";
import type { Handlers } from "../http/endpoint.ts";
import type { Limits } from "../http/middleware/limits.ts";
import { createForgetting } from "../http/forgetting.ts";
import type { Aliases } from "../identities/aliases.ts";
import type { Merger } from "../identities/merger.ts";
import type { Identities } from "../identities/proving.ts";
import type { Audit } from "../jobs/audit.ts";
import { stockHandlers } from "../http/stock.ts";
import type { Revocations } from "../jobs/revocations.ts";
import type { SigningKeys } from "../jobs/signing-keys.ts";
import type { Follower } from "../lines/follow.ts";
import type { Lines } from "../lines/lines.ts";
import type { Challenges } from "../platform/challenges.ts";
import type { Clock } from "../platform/clock.ts";
import type { CrowdKeys } from "../platform/crowd-keys.ts";
import type { GroupCommit } from "../platform/group-commit.ts";
import type { Ids } from "../platform/ids.ts";
import type { PresentationKeys } from "../platform/presentation-keys.ts";
import type { OtpCodes } from "../platform/otp-codes.ts";
import type { Seals } from "../platform/seals.ts";
import type { PollClaims, Tokens } from "../platform/tokens.ts";

/** Everything that some route needs. */
export interface HandlersDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly random: () => number;
  /** 32 random bytes, secret until they are shown. */
  readonly newSeed: () => Uint8Array;
  readonly tokens: Tokens;
  readonly keys: PresentationKeys;
  readonly guests: GroupCommit<NewGuest, GuestOutcome>;
  readonly renewals: RenewalCommit;
  readonly revocations: Revocations;
  readonly follower: Follower;
  readonly lines: Lines;
  readonly streams: StatusStreams;
  readonly draws: DrawDesk;
  readonly audit: Audit;
  readonly signingKeys: SigningKeys;
  readonly challenges: Challenges;
  readonly crowdKeys: CrowdKeys;
  readonly entries: EntryCommit;
  readonly entryKeys: EntryKeyCommit;
  readonly limits: Limits;
  readonly codes: OtpCodes;
  readonly messageSeals: Seals;
  readonly outbox: OtpHandlersDeps["outbox"];
  /** Null in production. */
  readonly inbox: Inbox | null;
  readonly identities: Identities;
  readonly aliases: Aliases;
  readonly merger: Merger;
}

/** A poll token outlives a night; what it can do, a stranger may as well see. */
const pollTokenMs = 24 * 3600 * 1000;

/** The handler of every route of the contract. A route without one does not compile. */
export function createHandlers(deps: HandlersDeps): Handlers<RouteName> {
  const { keys, tokens } = deps;
  const places = { protection: createProtection({ ...deps, newCheckId: () => deps.ids.make("entryCheck") }), entryGate: createEntryGate(deps) };
  const owners = { resolve: deps.aliases.resolve, settle: deps.merger.settle };
  const issuePollToken = (holder: PollClaims, now: number): string => tokens.issuePollToken(holder, now + pollTokenMs);
  const forgetting = createForgetting({ ...deps, newUuid: deps.ids.uuid });
  const grants = grantHandlers({
    ...deps,
    ...owners,
    newId: deps.ids.make,
    newUuid: deps.ids.uuid,
    signPresentation: keys.signPresentation,
    readPresentation: keys.readPresentation,
  });
  const controls = queueControlHandlers(deps);
  return {
    ...authHandlers(deps),
    ...challengeHandlers(deps),
    ...otpHandlers(deps),
    ...inboxHandlers(deps),
    ...transferHandlers(deps),
    ...externalHandlers(deps),
    ...ownSessionHandlers(deps),
    ...knownConsumerHandlers({ ...deps, newUuid: deps.ids.uuid }),
    ...consumerHandlers({ ...deps, forgetting }),
    ...adminConsumerHandlers({ ...deps, forgetting }),
    ...experienceHandlers(deps),
    ...queueHandlers({ ...deps, ...places, ...owners, issuePollToken }),
    ...drawHandlers({ ...deps, ...places, issuePollToken, signStatement: keys.signStatement }),
    ...grants,
    ...drawGrantHandlers({ ...deps, same: grants }),
    ...queueGrantHandlers({ ...deps, ...owners, same: { ...grants, ...controls } }),
    ...organizationHandlers(deps),
    ...launchHandlers(deps),
    ...securityHandlers(deps),
    ...entryCheckHandlers(deps),
    ...entryBindingHandlers(deps),
    ...sequenceHandlers(deps),
    ...queueSettingsHandlers(deps),
    ...controls,
    ...stockHandlers(deps),
    ...drawSettingsHandlers(deps),
    ...drawControlHandlers(deps),
  };
}
