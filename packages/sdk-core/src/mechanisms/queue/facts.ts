import type { FanfareEvents, QueueConsumerState, QueueDisplay } from "@fanfare-io/fanfare-contract";

/** One event with its payload. */
export type QueueFact = { [E in keyof FanfareEvents]: readonly [event: E, payload: FanfareEvents[E]] }[Extract<keyof FanfareEvents, `queue:${string}`>];

/** What the listeners know already. */
export type Told = "participating" | "admitted" | null;

/** What a new state means for listeners. */
export interface FactsInput {
  readonly told: Told;
  readonly state: QueueConsumerState;
  /** Whether the state answers this tab's own `enter`. */
  readonly entering: boolean;
  readonly before: QueueDisplay;
  readonly after: QueueDisplay;
  readonly ids: { readonly queueId: string; readonly experienceId: string };
}

/** The events to tell, and what is known after them. Each fact is told once: what was told before is not told again. */
export function queueFacts({ told, state, entering, before, after, ids }: FactsInput): { readonly facts: readonly QueueFact[]; readonly told: Told } {
  switch (state.status) {
    case "QUEUED": {
      if (entering && told === null) return { facts: [["queue:entered", { ...ids, position: after.position }]], told: "participating" };
      const moved = told !== null && after.position !== before.position;
      return {
        facts: moved ? [["queue:position-changed", { ...ids, position: after.position, estimatedWait: after.estimatedWaitSeconds }]] : [],
        told: "participating",
      };
    }
    case "ADMITTED": {
      const entered: readonly QueueFact[] = entering && told === null ? [["queue:entered", { ...ids, position: null }]] : [];
      return { facts: told === "admitted" ? [] : [...entered, ["queue:admitted", { ...ids, expiresAt: state.expiresAt }]], told: "admitted" };
    }
    case "DENIED":
      return { facts: told !== null || entering ? [["queue:denied", { ...ids, reason: state.denyReason }]] : [], told: null };
    case "EXPIRED":
      return { facts: told === null ? [] : [["queue:expired", ids]], told: null };
    case "LEFT":
    case "NOT_QUEUED":
      return { facts: told === null ? [] : [["queue:left", ids]], told: null };
    default:
      return { facts: [], told: null };
  }
}
