import type { AuthenticationNeeded, DistributionState, DrawState, Mechanism, QueueState, RouteAnswer, RouteOffer } from "@fanfare-io/fanfare-contract";
import { needInWords } from "./authentication.ts";

/** A distribution of a sequence, with what is known of the consumer who asks. Instants in milliseconds. */
export interface RoutableDistribution {
  readonly id: string;
  readonly type: Mechanism;
  readonly state: DistributionState;
  readonly openAt: number | null;
  readonly closeAt: number | null;
  /** Draws only: when the result is due. */
  readonly drawAt?: number;
  /** The consumer takes part already: this way stays theirs, whatever its gates or schedule say by now. */
  readonly participating: boolean;
}

/** A way into an experience. */
export interface RoutableSequence {
  readonly id: string;
  readonly name: string;
  /** Higher goes first. */
  readonly priority: number;
  readonly needsAccessCode: boolean;
  /** Whether the code that came with the request opens this sequence. */
  readonly codeFits: boolean;
  /** What the consumer has still to prove; null for nothing. */
  readonly needs: AuthenticationNeeded | null;
  readonly distributions: readonly RoutableDistribution[];
}

/** The timing of a queue in the words that all mechanisms share. `early`: it may be entered before it opens. */
export function distributionState(state: QueueState, early: boolean): DistributionState {
  switch (state) {
    case "upcoming":
      return early ? "active" : "upcoming";
    case "open":
    case "paused":
      return "active";
    case "ended":
    case "exhausted":
      return "ended";
    case "killed":
      return "killed";
  }
}

/** The timing of a draw in the same words: whoever is in it is told the rest by its status. */
export function drawDistributionState(state: DrawState): DistributionState {
  switch (state) {
    case "upcoming":
      return "upcoming";
    case "open":
      return "active";
    case "closed":
    case "drawing":
    case "drawn":
      return "ended";
    case "cancelled":
      return "killed";
  }
}

const worth: Readonly<Record<DistributionState, number>> = { active: 0, upcoming: 1, ended: 2, killed: 3 };

/**
 * Which ways are open to this consumer: where they take part already, then by priority. What is over is offered only where nothing
 * else is left, so that the page can say so.
 */
export function routeConsumer(experienceId: string, sequences: readonly RoutableSequence[]): RouteAnswer {
  const candidates = sequences.flatMap((sequence) => {
    const distribution = sequence.distributions.toSorted(byWorth)[0];
    return distribution === undefined ? [] : [{ sequence, distribution }];
  });
  const alive = candidates.filter(({ distribution }) => distribution.participating || worth[distribution.state] < 2);
  const offers = (alive.length > 0 ? alive : candidates)
    .toSorted(
      (a, b) =>
        Number(b.distribution.participating) - Number(a.distribution.participating) ||
        b.sequence.priority - a.sequence.priority ||
        (a.sequence.id < b.sequence.id ? -1 : 1),
    )
    .map(({ sequence, distribution }) => offerOf(sequence, distribution));
  const outcome = offers.length === 0 ? "no_access" : offers.some((offer) => offer.gates.length === 0) ? "routed" : "gated";
  return { experienceId, outcome, offers };
}

function byWorth(a: RoutableDistribution, b: RoutableDistribution): number {
  return Number(b.participating) - Number(a.participating) || worth[a.state] - worth[b.state] || byTime(a, b);
}

/** What is to come goes by the next to open; of what is over, the latest is what people come to ask about. */
function byTime(a: RoutableDistribution, b: RoutableDistribution): number {
  if (worth[a.state] < 2) return (a.openAt ?? 0) - (b.openAt ?? 0);
  const end = ({ drawAt, closeAt, openAt }: RoutableDistribution): number => drawAt ?? closeAt ?? openAt ?? 0;
  return end(b) - end(a);
}

function offerOf(sequence: RoutableSequence, distribution: RoutableDistribution): RouteOffer {
  return {
    sequenceId: sequence.id,
    name: sequence.name,
    priority: sequence.priority,
    gates: distribution.participating ? [] : gatesOf(sequence),
    distribution: {
      id: distribution.id,
      type: distribution.type,
      state: distribution.state,
      openAt: distribution.openAt === null ? null : new Date(distribution.openAt).toISOString(),
      closeAt: distribution.closeAt === null ? null : new Date(distribution.closeAt).toISOString(),
      ...(distribution.drawAt !== undefined && { drawAt: new Date(distribution.drawAt).toISOString() }),
    },
  };
}

function gatesOf({ needs, needsAccessCode, codeFits }: RoutableSequence): RouteOffer["gates"] {
  return [
    ...(needs === null ? [] : [{ reason: { code: "AUTH_REQUIRED" as const, detail: needInWords(needs) } }]),
    ...(needsAccessCode && !codeFits ? [{ reason: { code: "ACCESS_CODE_REQUIRED" as const, detail: "This way in needs an access code." } }] : []),
  ];
}

/** When an experience as a whole is open: from its earliest opening to its latest close; null = without an end on that side. */
export function scheduleOf(distributions: readonly { readonly openAt: number | null; readonly closeAt: number | null }[]): {
  readonly openAt: string | null;
  readonly closeAt: string | null;
} {
  const opens = distributions.map((each) => each.openAt);
  const closes = distributions.map((each) => each.closeAt);
  const openAt = opens.length === 0 || opens.includes(null) ? null : Math.min(...opens.map(Number));
  const closeAt = closes.length === 0 || closes.includes(null) ? null : Math.max(...closes.map(Number));
  return { openAt: openAt === null ? null : new Date(openAt).toISOString(), closeAt: closeAt === null ? null : new Date(closeAt).toISOString() };
}
