import { perMinute, tolerated } from "./minutes.ts";
import type { Recording, Seen } from "./recorder.ts";
import type { QueueLimits } from "./scenario.ts";

/** One promise of the service, held against what was seen. */
export interface Verdict {
  /** The invariant's number, or the name of a promise that has none. */
  readonly id: string;
  readonly promise: string;
  readonly verdict: "held" | "broken" | "not seen";
  /** What was counted. */
  readonly fact: string;
}

/** What verdicts are found from. */
export interface VerdictFacts {
  readonly recording: Recording;
  readonly limits: QueueLimits;
  readonly judged: readonly boolean[];
  /** Most live grants at one instant, as far as it could be seen, and grants in all. */
  readonly mostInside: number;
  readonly granted: number;
  /** Grants of which two orders were confirmed, of those where two were tried. */
  readonly twice: { readonly tried: number; readonly sold: number } | null;
}

/** Holds every promise that can be seen from outside against a recording. */
export function findVerdicts(facts: VerdictFacts): readonly Verdict[] {
  return [onePlace(facts), inOrder(facts), underCapacity(facts), underTotal(facts), soldOnce(facts), neverRises(facts), atTheRate(facts), neverRushed(facts)];
}

const whole = (value: number): string => Math.round(value).toLocaleString("en");

function judge(id: string, promise: string, seen: boolean, held: boolean, fact: string): Verdict {
  return { id, promise, verdict: !seen ? "not seen" : held ? "held" : "broken", fact };
}

function onePlace({ recording: { seen } }: VerdictFacts): Verdict {
  const tickets = knownTickets(seen);
  const different = new Set(tickets).size;
  const repeated = tickets.length - different;
  const promise = "No two people hold one ticket, and none is skipped";
  const sorted = Float64Array.from(tickets).sort();
  const span = sorted.length === 0 ? 0 : (sorted.at(-1) ?? 0) - (sorted[0] ?? 0) + 1;
  const missing = span - different;
  const others = missing > 0 ? `; ${whole(missing)} between them were handed to others or to answers that got lost` : "";
  return judge("I2, I3", promise, tickets.length > 0, repeated === 0, `${whole(tickets.length)} tickets, ${whole(repeated)} given twice${others}`);
}

/** An entry asked for after another was acknowledged never stands before it. */
function inOrder({ recording: { seen } }: VerdictFacts): Verdict {
  const entered = [...seen.ticket.keys()].filter((shopper) => !Number.isNaN(seen.ticket[shopper]));
  const byAsking = entered.toSorted((one, other) => (seen.askedAt[one] as number) - (seen.askedAt[other] as number));
  const byAnswer = entered.toSorted((one, other) => (seen.enteredAt[one] as number) - (seen.enteredAt[other] as number));
  let next = 0;
  let highest = 0;
  let inversions = 0;
  for (const shopper of byAsking) {
    for (
      let earlier = byAnswer[next];
      earlier !== undefined && (seen.enteredAt[earlier] as number) < (seen.askedAt[shopper] as number);
      earlier = byAnswer[++next]
    )
      highest = Math.max(highest, seen.ticket[earlier] as number);
    if ((seen.ticket[shopper] as number) < highest) inversions++;
  }
  return judge(
    "I3",
    "Nobody stands before someone whose place was confirmed earlier",
    entered.length > 1,
    inversions === 0,
    `${whole(inversions)} inversions among ${whole(entered.length)} places`,
  );
}

function underCapacity({ limits: { capacity }, mostInside }: VerdictFacts): Verdict {
  const fact = `${whole(mostInside)} at most${capacity === null ? "; the queue sets no limit" : ` of ${whole(capacity)}`}`;
  return judge("I4", "Never more people in the shop at once than it allows", capacity !== null, mostInside <= (capacity ?? Infinity), fact);
}

function underTotal({ limits: { maxAdmissions }, granted }: VerdictFacts): Verdict {
  const fact = `${whole(granted)} let in${maxAdmissions === null ? "; the queue sets no limit" : ` of ${whole(maxAdmissions)}`}`;
  return judge("I4", "Never more people let in altogether than it allows", maxAdmissions !== null, granted <= (maxAdmissions ?? Infinity), fact);
}

function soldOnce({ twice }: VerdictFacts): Verdict {
  const fact = twice === null ? "orders are not simulated" : `${whole(twice.sold)} sold twice of ${whole(twice.tried)} where two orders were tried at once`;
  return judge("I5", "One grant, one order", twice !== null && twice.tried > 0, twice?.sold === 0, fact);
}

function neverRises({ recording }: VerdictFacts): Verdict {
  const [worst] = recording.rises.toSorted((one, other) => other.to - other.from - (one.to - one.from));
  const example = worst === undefined ? "" : `; the worst from ${whole(worst.from)} to ${whole(worst.to)}`;
  return judge(
    "I6",
    "A position that was shown never rises",
    recording.positionsTold > 0,
    recording.rises.length === 0,
    `${whole(recording.rises.length)} rises${example}`,
  );
}

function atTheRate({ recording, limits: { admitRate }, judged }: VerdictFacts): Verdict {
  const all = perMinute(recording.perSecond.admitted.values(), judged, admitRate);
  const minutes = all.filter((minute) => minute.judged);
  const off = minutes.filter((minute) => !minute.exact);
  // What a stall of the machine keeps from one minute is in the next: no promise kept, but a reason to look at the machine.
  const madeUp = off.filter(({ minute, admitted }) =>
    [all[minute - 1], all[minute + 1]].some(
      (beside) => beside?.judged === true && Math.abs(admitted + beside.admitted - 2 * admitRate) <= 2 * tolerated(admitRate),
    ),
  );
  const worst = Math.max(0, ...off.map((minute) => Math.abs(minute.admitted - admitRate)));
  const rest = off.length > 0 ? `; the worst off by ${whole(worst)}, ${whole(madeUp.length)} of ${whole(off.length)} made up for in the minute beside it` : "";
  const fact = `${whole(minutes.length - off.length)} of ${whole(minutes.length)} full minutes${rest}`;
  return judge("Rate", "Each minute lets in what the rate says, within half a percent or one person", minutes.length > 0, off.length === 0, fact);
}

function neverRushed({ recording, limits: { admitRate } }: VerdictFacts): Verdict {
  const perSecond = recording.perSecond.admitted.values();
  let most = 0;
  let sum = 0;
  perSecond.forEach((count, second) => {
    sum += count - (second >= 10 ? (perSecond[second - 10] ?? 0) : 0);
    most = Math.max(most, sum);
  });
  // Ten seconds at twice the rate, and what one second's edge may add.
  const allowed = Math.max(1, Math.ceil((admitRate / 60) * 2 * 11));
  return judge(
    "Pace",
    "What was missed is caught up at twice the rate at most",
    perSecond.length > 0,
    most <= allowed,
    `${whole(most)} at most within ten seconds; ${whole((admitRate / 60) * 10)} by the rate`,
  );
}

function knownTickets(seen: Seen): number[] {
  return [...seen.ticket].filter((ticket) => !Number.isNaN(ticket));
}
