import type { ScriptedAnswer } from "./scripted-service.ts";
import type { SimulatedClock } from "./simulated-clock.ts";

/** What befalls the next request. `lost_after` = the service does it, and the connection breaks; `hung` = it does it, and nothing comes. */
export type Fault = "none" | "lost_before" | "lost_after" | "slow" | "hung";

/** Lets faults befall the requests of a scripted service, one each. */
export interface Faults {
  befall(fault: Fault): void;
  /** Answers a request, or what the fault leaves of its answer. */
  suffer(act: () => ScriptedAnswer): ScriptedAnswer | Promise<ScriptedAnswer>;
}

/** Nothing befalls anybody at first. */
export function createFaults(clock: SimulatedClock): Faults {
  let fault: Fault = "none";
  return {
    befall(next) {
      fault = next;
    },
    suffer(act) {
      const now = fault;
      fault = "none";
      if (now === "lost_before") return "lost";
      const answer = act();
      if (now === "lost_after") return "lost";
      if (now === "hung") return "never";
      return now === "slow" ? new Promise((resolve) => void clock.setTimeout(() => resolve(answer), 4_000)) : answer;
    },
  };
}
