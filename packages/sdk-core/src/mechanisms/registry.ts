import type { ActiveExperiences, Mechanism } from "@fanfare-io/fanfare-contract";
import { createLazy } from "../lib/lazy.ts";
import type { Lazy } from "../lib/lazy.ts";
import { FanfareError } from "../transport/fanfare-error.ts";
import type { MechanismDriver, Mechanisms } from "./mechanism.ts";
import { queueMechanism } from "./queue/queue-mechanism.ts";

const groups: Readonly<Partial<Record<Mechanism, keyof ActiveExperiences>>> = { queue: "queues", draw: "draws" };

/** Where the code of a mechanism comes from, if not with the journeys. */
export type MechanismSources = Readonly<Partial<Record<Mechanism, () => Promise<MechanismDriver>>>>;

const sources: MechanismSources = {
  draw: async () => (await import("./draw/draw-mechanism.ts")).drawMechanism,
};

/** Every mechanism this SDK can take part in. The line is at hand with the journeys; the others come when a page first meets one. */
export function createMechanisms(from: MechanismSources = sources): Mechanisms {
  const fetched = new Map<Mechanism, Lazy<MechanismDriver>>(Object.entries(from).map(([type, source]) => [type as Mechanism, createLazy(source)]));
  return Object.freeze<Mechanisms>({
    groupOf: (mechanism) => groups[mechanism],
    driver: (mechanism) => (mechanism === queueMechanism.type ? queueMechanism : (fetched.get(mechanism)?.now() ?? undefined)),
    load(mechanism) {
      const lazy = fetched.get(mechanism);
      if (!lazy || lazy.now()) return null;
      return lazy.load().catch((cause: unknown) => {
        throw new FanfareError("NETWORK_ERROR", `The code of the ${mechanism} could not be loaded; is the device online?`, { retryable: true, cause });
      });
    },
  });
}
