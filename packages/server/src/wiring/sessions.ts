import type { Database } from "../data/database.ts";
import type { NewGuest } from "../data/sessions.ts";
import { createEntryKeyCommit } from "../http/consumer/entry-gate.ts";
import type { EntryKeyCommit } from "../http/consumer/entry-gate.ts";
import { createGuestCommit } from "../http/consumer/guests.ts";
import type { GuestOutcome } from "../http/consumer/guests.ts";
import { createEntryCommit } from "../http/consumer/protection.ts";
import type { EntryCommit } from "../http/consumer/protection.ts";
import { createRenewalCommit } from "../http/consumer/renewals.ts";
import type { RenewalCommit } from "../http/consumer/renewals.ts";
import { createRevocations } from "../jobs/revocations.ts";
import type { Revocations } from "../jobs/revocations.ts";
import type { Clock } from "../platform/clock.ts";
import type { GroupCommit } from "../platform/group-commit.ts";
import { batchesOf } from "./batches.ts";
import type { Watchers } from "./batches.ts";

/** How sessions begin, go on and end. */
export interface SessionsRoom {
  readonly guests: GroupCommit<NewGuest, GuestOutcome>;
  readonly renewals: RenewalCommit;
  readonly revocations: Revocations;
  /** Who wants to enter a protected launch. */
  readonly entries: EntryCommit;
  /** With which key somebody enters a launch that binds places. */
  readonly entryKeys: EntryKeyCommit;
}

/** Wires the sessions. */
export function wireSessions({ db, clock, ...watchers }: { readonly db: Database; readonly clock: Clock } & Watchers): SessionsRoom {
  const { now, pause } = batchesOf("guest", watchers);
  return {
    guests: createGuestCommit(db, batchesOf("guest", watchers)),
    renewals: createRenewalCommit(db, batchesOf("renewal", watchers)),
    revocations: createRevocations(db, clock),
    entries: createEntryCommit(db, { now, pause }),
    entryKeys: createEntryKeyCommit(db, { now, pause }),
  };
}
