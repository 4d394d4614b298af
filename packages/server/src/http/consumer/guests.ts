import { isPassing } from "../../data/conflicts.ts";
import type { Database } from "../../data/database.ts";
import { findSessionsInTheWay, insertGuests } from "../../data/sessions.ts";
import type { NewGuest, SessionInTheWay, StoredSession } from "../../data/sessions.ts";
import { sameBytes } from "../../platform/hashes.ts";
import { createGroupCommit } from "../../platform/group-commit.ts";
import type { GroupCommit, GroupCommitOptions } from "../../platform/group-commit.ts";

/** A guest that was asked for: ours, or the one whose session stood in the way. */
export type GuestOutcome = { readonly kind: "made" } | { readonly kind: "found"; readonly session: StoredSession };

/** Makes guests in batches: a thousand shoppers of one second are a handful of statements. */
export function createGuestCommit(
  db: Database,
  deps: Pick<GroupCommitOptions<NewGuest, GuestOutcome>, "now" | "pause" | "onCommitted" | "around">,
): GroupCommit<NewGuest, GuestOutcome> {
  return createGroupCommit<NewGuest, GuestOutcome>({ ...deps, maxBatch: 256, mayRepeat: isPassing, flush: (guests) => commitGuests(db, guests) });
}

async function commitGuests(db: Database, guests: readonly NewGuest[]): Promise<readonly GuestOutcome[]> {
  const made = await insertGuests(db, guests);
  if (made.size === guests.length) return guests.map(() => ({ kind: "made" }));
  const inTheWay = await findSessionsInTheWay(
    db,
    guests.filter((guest) => !made.has(guest.sessionId)),
  );
  return guests.map((guest) => (made.has(guest.sessionId) ? { kind: "made" } : outcomeOf(guest, inTheWay)));
}

function outcomeOf(guest: NewGuest, inTheWay: readonly SessionInTheWay[]): GuestOutcome {
  const { organizationId, sessionId, installKey, keyThumbprint } = guest;
  const ours = inTheWay.filter((session) => session.organizationId === organizationId);
  // Our own id: the statement went through before, and only its answer was lost.
  if (ours.some((session) => session.id === sessionId)) return { kind: "made" };
  const byKey = ours.find((each) => keyThumbprint !== null && each.keyThumbprint === keyThumbprint);
  const session = byKey ?? ours.find((each) => installKey !== null && each.installKey !== null && sameBytes(each.installKey, installKey));
  if (session === undefined) throw new Error("A guest was neither made nor found.");
  return { kind: "found", session };
}
