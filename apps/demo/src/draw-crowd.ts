import { randomInt } from "node:crypto";
import { setMaxListeners } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import initFanfare from "@fanfare-io/fanfare-sdk-core";
import type { JourneyView } from "@fanfare-io/fanfare-sdk-core";
import { createFanfare } from "@fanfare-io/fanfare-sdk-server";
import { reach } from "./reach.ts";
import type { DemoLaunch } from "./prepare-launch.ts";

/** Simulated entrants of the demo's draws, going through the same API as everybody. */
export interface DrawCrowd {
  /** Lets them come to the round that has just opened, spread over this time. */
  come(overMs: number): void;
  stop(): Promise<void>;
}

/** What the crowd is told to do. */
export interface DrawCrowdOptions {
  /** Entrants in each round. */
  readonly size: number;
  readonly apiUrl: string;
  readonly launch: DemoLaunch;
  readonly onFault: (error: unknown) => void;
}

const isSettled = (view: JourneyView): boolean => view.journeyStage === "routed" && (view.sequence.phase === "granted" || view.sequence.phase === "ended");

/** Gathers the crowd; nobody comes before a round opens. */
export function createDrawCrowd({ size, apiUrl, launch, onFault }: DrawCrowdOptions): DrawCrowd {
  const { organizationId, publishableKey, secretKey, drawExperienceId } = launch;
  const merchant = createFanfare({ secretKey, organizationId, apiUrl });
  const present = new Set<Promise<void>>();
  const closing = new AbortController();
  setMaxListeners(0, closing.signal);

  /** One entrant: enters, waits for the result, and most of the time buys what was won. */
  async function visit(): Promise<void> {
    const sdk = await initFanfare({ organizationId, publishableKey, apiUrl, storage: "memory", sync: { enabled: false } });
    try {
      const { view$ } = sdk.journeys.get(drawExperienceId);
      const ready = view$.get();
      if (ready.journeyStage === "ready") await ready.start();
      const open = view$.get();
      if (open.journeyStage !== "routed" || open.sequence.phase !== "enterable" || !("enter" in open.sequence)) return;
      await open.sequence.enter();
      const result = await reach(view$, isSettled, closing.signal);
      if (closing.signal.aborted || result.journeyStage !== "routed" || result.sequence.phase !== "granted" || randomInt(4) === 0) return;
      const held = await merchant.grants.validate(result.sequence.grant.token);
      await merchant.grants.complete({ redemptionId: held.redemptionId, orderId: `draw-${held.grantId}` });
    } finally {
      sdk.destroy();
    }
  }

  return Object.freeze<DrawCrowd>({
    come(overMs) {
      for (let entrant = 0; entrant < size && !closing.signal.aborted; entrant++) {
        const one = pause(randomInt(Math.max(1, Math.floor(overMs * 0.6))), undefined, { signal: closing.signal })
          .then(visit)
          .catch((error: unknown) => {
            if (!closing.signal.aborted) onFault(error);
          })
          .finally(() => present.delete(one));
        present.add(one);
      }
    },
    async stop() {
      closing.abort();
      await Promise.all(present);
    },
  });
}
