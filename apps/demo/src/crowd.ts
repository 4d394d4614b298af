import { randomInt } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import initFanfare from "@fanfare-io/fanfare-sdk-core";
import type { FanfareSDK, JourneyView } from "@fanfare-io/fanfare-sdk-core";
import { createFanfare } from "@fanfare-io/fanfare-sdk-server";
import type { Fanfare } from "@fanfare-io/fanfare-sdk-server";
import type { DemoLaunch } from "./prepare-launch.ts";

/** A crowd of simulated shoppers, going through the same API as everybody. */
export interface Crowd {
  /** Sends those home who are still in line. */
  stop(): void;
}

/** What the crowd is told to do. */
export interface CrowdOptions {
  readonly size: number;
  readonly apiUrl: string;
  readonly launch: DemoLaunch;
  readonly onFault: (error: unknown) => void;
}

// The service asks for work from an address that makes more than 300 guests a minute; the crowd stays below that.
const arrivalsPerSecond = 4;

/** Lets a crowd arrive. Each member joins, waits for its turn, shops for a moment and buys; a few give up. */
export function startCrowd(options: CrowdOptions): Crowd {
  const merchant = createFanfare({ secretKey: options.launch.secretKey, organizationId: options.launch.organizationId, apiUrl: options.apiUrl });
  const present = new Set<FanfareSDK>();
  let stopped = false;

  async function arrive(member: number): Promise<void> {
    if (stopped) return;
    const sdk = await initFanfare({
      organizationId: options.launch.organizationId,
      publishableKey: options.launch.publishableKey,
      apiUrl: options.apiUrl,
      storage: "memory",
      sync: { enabled: false },
    });
    present.add(sdk);
    try {
      await shop(sdk, merchant, options.launch, member);
    } finally {
      present.delete(sdk);
      sdk.destroy();
    }
  }

  for (let member = 0; member < options.size; member++) {
    void pause((member * 1000) / arrivalsPerSecond, undefined, { ref: false })
      .then(() => arrive(member))
      .catch(options.onFault);
  }
  return Object.freeze({
    stop() {
      stopped = true;
      for (const sdk of present) sdk.destroy();
    },
  });
}

/** One member's way from arrival to the order. */
async function shop(sdk: FanfareSDK, merchant: Fanfare, launch: DemoLaunch, member: number): Promise<void> {
  await sdk.auth.guest();
  const { view$ } = sdk.journeys.get(launch.experienceId);
  const ready = view$.get();
  if (ready.journeyStage === "ready") await ready.start();
  const enterable = await reach(view$, (view) => view.journeyStage === "routed" && view.sequence.phase !== "scheduled");
  if (enterable.journeyStage === "routed" && enterable.sequence.phase === "enterable" && "enter" in enterable.sequence) await enterable.sequence.enter();
  const turn = await reach(view$, (view) => view.journeyStage === "routed" && (view.sequence.phase === "granted" || view.sequence.phase === "ended"));
  if (turn.journeyStage !== "routed" || turn.sequence.phase !== "granted") return;
  const held = await merchant.grants.validate(turn.sequence.grant.token);
  await pause(randomInt(3_000, 15_000), undefined, { ref: false });
  if (randomInt(10) === 0) await merchant.grants.release({ redemptionId: held.redemptionId });
  else await merchant.grants.complete({ redemptionId: held.redemptionId, orderId: `crowd-${member}-${held.grantId}` });
}

/** Waits for a view that fits. */
function reach(view$: { subscribe(listener: (view: JourneyView) => void): () => void }, fits: (view: JourneyView) => boolean): Promise<JourneyView> {
  return new Promise((resolve) => {
    let stop: (() => void) | null = null;
    let found = false;
    stop = view$.subscribe((view) => {
      if (found || !fits(view)) return;
      found = true;
      stop?.();
      resolve(view);
    });
    if (found) stop();
  });
}
