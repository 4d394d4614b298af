import type { LinkOutcome, Mechanism, ParticipationRef } from "@fanfare-io/fanfare-contract";

/** Where somebody stands in one queue. `place` orders those who wait, `expiresAt` is in milliseconds. */
export type QueueStanding =
  | { readonly status: "none" }
  | { readonly status: "waiting"; readonly place: number }
  | { readonly status: "admitted"; readonly expiresAt: number }
  | { readonly status: "held" }
  | { readonly status: "completed" };

/** Where somebody stands in one draw. `entered`: the list is open still; `listed`: it is closed, and the root of it is promised. */
export type DrawStanding =
  | { readonly status: "none" }
  | { readonly status: "entered"; readonly weight: number; readonly ticket: number }
  | { readonly status: "listed"; readonly ticket: number }
  | { readonly status: "admitted"; readonly expiresAt: number }
  | { readonly status: "held" }
  | { readonly status: "completed" };

/** The standings of each mechanism; `never` = nobody can take part in it yet. Whoever builds one says here what its standings are, and then its rule below. */
export interface Standings {
  readonly queue: QueueStanding;
  readonly draw: DrawStanding;
  readonly auction: never;
  readonly appointment: never;
  readonly timed_release: never;
}

/**
 * What becomes of two standings of one person in one thing: which is theirs from now on, and what happens to the other one. `close`: it is
 * given up, its slot goes on; `stay`: it stands beside under the guest's or its own id until it is settled, because a shop is taking a payment
 * for it, it was bought with, or a published list holds it; `nothing`: there is no other.
 */
export interface Verdict {
  readonly better: "guest" | "identity" | "neither";
  readonly other: "close" | "stay" | "nothing";
}

type Rule<Standing> = (guest: Standing, identity: Standing) => Verdict;

const rules: { readonly [M in Mechanism]: Rule<Standings[M]> } = {
  queue: judge<QueueStanding>({
    ranks: ["none", "waiting", "admitted", "held", "completed"],
    closes: (worse) => worse.status === "waiting" || worse.status === "admitted",
    guestWinsTie: (guest, identity) =>
      (guest.status === "waiting" && identity.status === "waiting" && guest.place < identity.place) || expiresLater(guest, identity),
  }),
  draw: judge<DrawStanding>({
    ranks: ["none", "entered", "listed", "admitted", "held", "completed"],
    closes: (worse) => worse.status === "entered" || worse.status === "admitted",
    guestWinsTie: (guest, identity) => entersEarlier(guest, identity) || expiresLater(guest, identity),
  }),
  auction: nobody,
  appointment: nobody,
  timed_release: nobody,
};

/** A rule by rank: what is further on is better, and equals are told apart. */
function judge<Standing extends { readonly status: string }>(table: {
  /** From nothing to the best. */
  readonly ranks: readonly Standing["status"][];
  /** Whether a standing that was not chosen can be given up. */
  readonly closes: (worse: Standing) => boolean;
  readonly guestWinsTie: (guest: Standing, identity: Standing) => boolean;
}): Rule<Standing> {
  return (guest, identity) => {
    const [ofGuest, ofIdentity] = [table.ranks.indexOf(guest.status), table.ranks.indexOf(identity.status)];
    if (ofGuest <= 0 && ofIdentity <= 0) return { better: "neither", other: "nothing" };
    const guestWins = ofGuest > ofIdentity || (ofGuest === ofIdentity && table.guestWinsTie(guest, identity));
    const worse = guestWins ? identity : guest;
    const other = table.ranks.indexOf(worse.status) <= 0 ? "nothing" : table.closes(worse) ? "close" : "stay";
    return { better: guestWins ? "guest" : "identity", other };
  };
}

function nobody(): never {
  throw new Error("Nobody can take part in this mechanism yet.");
}

/** Of two grants that may be used now, the one that may be used for longer. */
function expiresLater(
  guest: { readonly status: string; readonly expiresAt?: number },
  identity: { readonly status: string; readonly expiresAt?: number },
): boolean {
  return guest.status === "admitted" && identity.status === "admitted" && (guest.expiresAt ?? 0) > (identity.expiresAt ?? 0);
}

/** Of two entries the one that counts more often, then the earlier. */
function entersEarlier(guest: DrawStanding, identity: DrawStanding): boolean {
  if (guest.status === "entered" && identity.status === "entered")
    return guest.weight > identity.weight || (guest.weight === identity.weight && guest.ticket < identity.ticket);
  return guest.status === "listed" && identity.status === "listed" && guest.ticket < identity.ticket;
}

/** What both sides of a link have in one distribution. */
export type Meeting = {
  readonly [M in Mechanism]: {
    readonly mechanism: M;
    readonly distributionId: string;
    readonly guest: Standings[M];
    readonly identity: Standings[M];
  };
}[Mechanism];

/** The verdict on one distribution. */
export interface Planned extends ParticipationRef, Verdict {}

/** The verdict on one pair of standings. */
export function judgeMeeting(meeting: Meeting): Verdict {
  const rule = rules[meeting.mechanism] as Rule<unknown>;
  return rule(meeting.guest, meeting.identity);
}

/** Plans a merge: everything that either takes part in, once. */
export function planMerge(meetings: readonly Meeting[]): readonly Planned[] {
  return meetings.map((meeting) => ({ mechanism: meeting.mechanism, distributionId: meeting.distributionId, ...judgeMeeting(meeting) }));
}

/** What the consumer is told of it: what came from the guest, and where its own standing was kept though the guest had one too. */
export function outcomeOfMerge(guestId: string, plan: readonly Planned[]): LinkOutcome {
  const refs = (chosen: readonly Planned[]): readonly ParticipationRef[] => chosen.map(({ mechanism, distributionId }) => ({ mechanism, distributionId }));
  return {
    kind: "merged",
    fromConsumerId: guestId,
    moved: refs(plan.filter(({ better }) => better === "guest")),
    kept: refs(plan.filter(({ better, other }) => better === "identity" && other !== "nothing")),
  };
}
