import type { EntryPart, Parts, QueuePart, WinPart } from "../data/merging.ts";
import type { DrawStanding, Meeting, QueueStanding } from "../domain/linking.ts";

/** The place of whoever waits, in a line whose early arrivals stand in a drawn order. */
export type PlaceOf = (queueId: string, ofGuest: boolean) => number | undefined;

/** What both sides have in each distribution, from the rows that say so. */
export function meetingsOf({ queues, entries, wins }: Omit<Parts, "fingerprint">, placeOf: PlaceOf): readonly Meeting[] {
  const side = <Part extends { readonly id: string; readonly ofGuest: boolean }>(parts: readonly Part[], id: string, ofGuest: boolean): readonly Part[] =>
    parts.filter((part) => part.id === id && part.ofGuest === ofGuest);
  const queueIds = [...new Set(queues.map(({ id }) => id))];
  const drawIds = [...new Set([...entries, ...wins].map(({ id }) => id))];
  const drawStanding = (id: string, ofGuest: boolean): DrawStanding => standingInDraw(side(entries, id, ofGuest), side(wins, id, ofGuest));
  const queueStanding = (id: string, ofGuest: boolean): QueueStanding => standingInQueue(side(queues, id, ofGuest)[0], placeOf);
  return [
    ...queueIds.map((id): Meeting => ({ mechanism: "queue", distributionId: id, guest: queueStanding(id, true), identity: queueStanding(id, false) })),
    ...drawIds.map((id): Meeting => ({ mechanism: "draw", distributionId: id, guest: drawStanding(id, true), identity: drawStanding(id, false) })),
  ];
}

function standingInQueue(part: QueuePart | undefined, placeOf: PlaceOf): QueueStanding {
  if (part === undefined) return { status: "none" };
  if (part.state === "waiting") return { status: "waiting", place: (part.ordered ? placeOf(part.id, part.ofGuest) : undefined) ?? part.ticket };
  if (part.state === "completed") return { status: "completed" };
  return part.held ? { status: "held" } : { status: "admitted", expiresAt: part.expiresAt ?? 0 };
}

/** The furthest of what one has: wins before entries, and of wins the one that was bought before the one that may be. */
function standingInDraw(entries: readonly EntryPart[], wins: readonly WinPart[]): DrawStanding {
  const by = (state: WinPart["state"]): WinPart | undefined => wins.find((win) => win.state === state);
  const active = by("active");
  if (by("completed") !== undefined) return { status: "completed" };
  if (by("held") !== undefined) return { status: "held" };
  if (active !== undefined) return { status: "admitted", expiresAt: active.expiresAt };
  const [entry] = entries;
  if (entry === undefined) return { status: "none" };
  return entry.open ? { status: "entered", weight: entry.weight, ticket: entry.ticket } : { status: "listed", ticket: entry.ticket };
}
