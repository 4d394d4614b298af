import type { EndedOutcome, JourneyEvent, Mechanism, ReadableStore } from "@fanfare-io/fanfare-contract";
import type { Report } from "../lib/report.ts";
import { createStore } from "../lib/store.ts";
import type { Standing } from "../mechanisms/mechanism.ts";

/** What happened on a journey and the shopper should hear of, newest last. */
export interface News {
  readonly events$: ReadableStore<readonly JourneyEvent[]>;
  readonly latestEvent$: ReadableStore<JourneyEvent | null>;
  tell(type: JourneyEvent["type"], severity: JourneyEvent["severity"], message: string): void;
  ack(id: string): void;
}

/** An unread list longer than this is read by nobody. */
const kept = 20;

const words: Readonly<Partial<Record<EndedOutcome, Parameters<News["tell"]>>>> = {
  not_selected: ["not_selected", "info", "You were not drawn."],
  completed: ["completed", "info", "Your order is confirmed."],
  expired: ["expired", "warning", "The time for your turn is over."],
  denied: ["denied", "warning", "You could not be admitted."],
  closed: ["denied", "warning", "The line has closed."],
};

/** Plain words for a standing worth hearing of; null for the others. Hosts with languages of their own go by `type`. */
export function newsOf(standing: Standing, mechanism: Mechanism): Parameters<News["tell"]> | null {
  const isDraw = mechanism === "draw";
  if (standing.kind === "granted") return ["admitted", "info", isDraw ? "You were drawn." : "It is your turn."];
  if (standing.kind !== "ended") return null;
  if (isDraw && standing.outcome === "closed")
    return ["denied", "warning", standing.denyReason === "DRAW_CANCELLED" ? "The draw was called off." : "The draw has closed."];
  return words[standing.outcome] ?? null;
}

/** Creates the list of one journey. */
export function createNews(now: () => number, report: Report): News {
  const events$ = createStore<readonly JourneyEvent[]>([], report);
  const latestEvent$ = createStore<JourneyEvent | null>(null, report);
  let count = 0;
  const publish = (events: readonly JourneyEvent[]): void => {
    events$.set(events);
    latestEvent$.set(events.at(-1) ?? null);
  };
  return Object.freeze<News>({
    events$,
    latestEvent$,
    tell(type, severity, message) {
      publish([...events$.get(), { id: `${++count}`, type, severity, message, at: new Date(now()).toISOString() }].slice(-kept));
    },
    ack(id) {
      publish(events$.get().filter((event) => event.id !== id));
    },
  });
}
