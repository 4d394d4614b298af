/** What a shopper's side saw, in the order in which it saw it. Instants are one monotonic clock of the observer. */
export type Observation =
  | { readonly kind: "entered"; readonly consumerId: string; readonly ticket: number; readonly askedAt: number; readonly answeredAt: number }
  | { readonly kind: "shown"; readonly consumerId: string; readonly ticket: number; readonly position: number }
  | { readonly kind: "completed"; readonly grantId: string; readonly orderId: string; readonly receiptId: string }
  | { readonly kind: "refused"; readonly grantId: string; readonly orderId: string };

/** What the database says when everything is over. */
export interface Truth {
  readonly entries: readonly { readonly consumerId: string; readonly ticket: number; readonly state: string; readonly live: boolean }[];
  readonly grants: readonly {
    readonly id: string;
    readonly consumerId: string;
    readonly ticket: number;
    readonly state: string;
    readonly orderId: string | null;
    readonly receiptId: string | null;
  }[];
  /** Numbered changes of the line, in order. */
  readonly changes: readonly { readonly version: number; readonly kind: string; readonly tickets: readonly number[] }[];
  readonly active: number;
  readonly granted: number;
  readonly capacity: number | null;
  readonly maxAdmissions: number | null;
}

/** An invariant of the design that a history breaks, with the fact that breaks it. */
export interface Violation {
  readonly invariant: "I1" | "I2" | "I3" | "I4" | "I5" | "I6";
  readonly fact: string;
}

/** Checks a whole run against the invariants; an honest run gives none. */
export function checkHistory(observations: readonly Observation[], truth: Truth): readonly Violation[] {
  return [
    ...nothingLost(observations, truth),
    ...onePlace(truth),
    ...inOrder(observations, truth),
    ...underTheCap(truth),
    ...oneOrder(observations, truth),
    ...neverRises(observations),
  ];
}

function nothingLost(observations: readonly Observation[], truth: Truth): Violation[] {
  const known = new Set(truth.entries.map((entry) => `${entry.consumerId} ${entry.ticket}`));
  return observations.flatMap((seen) =>
    seen.kind === "entered" && !known.has(`${seen.consumerId} ${seen.ticket}`)
      ? [{ invariant: "I1" as const, fact: `${seen.consumerId} was acknowledged with ticket ${seen.ticket}, which is not there` }]
      : [],
  );
}

function onePlace(truth: Truth): Violation[] {
  const live = new Set<string>();
  return truth.entries.flatMap((entry) => {
    if (!entry.live) return [];
    if (live.has(entry.consumerId)) return [{ invariant: "I2" as const, fact: `${entry.consumerId} has two live entries` }];
    live.add(entry.consumerId);
    return [];
  });
}

function inOrder(observations: readonly Observation[], truth: Truth): Violation[] {
  const violations: Violation[] = [];
  const tickets = truth.entries.map((entry) => entry.ticket).sort((a, b) => a - b);
  tickets.forEach((ticket, index) => {
    if (ticket !== index + 1) violations.push({ invariant: "I3", fact: `ticket ${index + 1} is missing or given twice: ${ticket} stands in its place` });
  });
  const entered = observations.filter((seen) => seen.kind === "entered");
  const byAsking = entered.toSorted((a, b) => a.askedAt - b.askedAt);
  const byAnswer = entered.toSorted((a, b) => a.answeredAt - b.answeredAt);
  let next = 0;
  let highest = 0;
  for (const seen of byAsking) {
    for (let earlier = byAnswer[next]; earlier !== undefined && earlier.answeredAt < seen.askedAt; earlier = byAnswer[++next])
      highest = Math.max(highest, earlier.ticket);
    if (seen.ticket < highest && !askedBefore(entered, seen))
      violations.push({ invariant: "I3", fact: `ticket ${seen.ticket} was asked for after ${highest} was acknowledged` });
  }
  return violations;
}

/** Whether this consumer had asked for this same ticket before: an answer that was repeated is no new place. */
function askedBefore(entered: readonly Extract<Observation, { kind: "entered" }>[], seen: Extract<Observation, { kind: "entered" }>): boolean {
  return entered.some((other) => other !== seen && other.consumerId === seen.consumerId && other.ticket === seen.ticket && other.askedAt < seen.askedAt);
}

function underTheCap(truth: Truth): Violation[] {
  const violations: Violation[] = [];
  const inside = new Set<number>();
  const ever = new Set<number>();
  let version = 0;
  for (const change of truth.changes) {
    if (change.version !== version + 1) violations.push({ invariant: "I4", fact: `change ${version + 1} is missing` });
    version = change.version;
    for (const ticket of change.tickets) {
      if (change.kind === "admitted") {
        inside.add(ticket);
        ever.add(ticket);
      } else inside.delete(ticket);
    }
    if (truth.capacity !== null && inside.size > truth.capacity)
      violations.push({ invariant: "I4", fact: `${inside.size} live grants at version ${version}, ${truth.capacity} allowed` });
    if (truth.maxAdmissions !== null && ever.size > truth.maxAdmissions)
      violations.push({ invariant: "I4", fact: `${ever.size} grants in all at version ${version}, ${truth.maxAdmissions} allowed` });
  }
  const live = truth.grants.filter((grant) => grant.state === "active" || grant.state === "held").length;
  if (live !== truth.active) violations.push({ invariant: "I4", fact: `the counter says ${truth.active} live grants, there are ${live}` });
  if (truth.grants.length !== truth.granted)
    violations.push({ invariant: "I4", fact: `the counter says ${truth.granted} grants in all, there are ${truth.grants.length}` });
  return violations;
}

function oneOrder(observations: readonly Observation[], truth: Truth): Violation[] {
  const violations: Violation[] = [];
  const grants = new Map(truth.grants.map((grant) => [grant.id, grant]));
  for (const seen of observations) {
    if (seen.kind === "completed") {
      const grant = grants.get(seen.grantId);
      if (grant?.state !== "completed" || grant.orderId !== seen.orderId || grant.receiptId !== seen.receiptId)
        violations.push({
          invariant: "I5",
          fact: `order ${seen.orderId} has receipt ${seen.receiptId} of ${seen.grantId}, which says ${grant?.state} ${grant?.orderId} ${grant?.receiptId}`,
        });
    }
    if (seen.kind === "refused" && grants.get(seen.grantId)?.orderId === seen.orderId)
      violations.push({ invariant: "I5", fact: `order ${seen.orderId} was refused, yet it holds ${seen.grantId}` });
  }
  return violations;
}

function neverRises(observations: readonly Observation[]): Violation[] {
  const shown = new Map<string, number>();
  return observations.flatMap((seen) => {
    if (seen.kind !== "shown") return [];
    const place = `${seen.consumerId} ${seen.ticket}`;
    const before = shown.get(place) ?? Infinity;
    shown.set(place, seen.position);
    return seen.position > before ? [{ invariant: "I6" as const, fact: `${seen.consumerId} was shown ${before}, then ${seen.position}` }] : [];
  });
}
