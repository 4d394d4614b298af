import { randomInt } from "node:crypto";
import { setMaxListeners } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import initFanfare from "@fanfare-io/fanfare-sdk-core";
import type { FanfareSDK } from "@fanfare-io/fanfare-sdk-core";
import { createFanfare } from "@fanfare-io/fanfare-sdk-server";
import type { Fanfare } from "@fanfare-io/fanfare-sdk-server";
import { reach } from "./reach.ts";
import type { DemoLaunch } from "./prepare-launch.ts";

/** A crowd of simulated shoppers, going through the same API as everybody. */
export interface Crowd {
  /** Sends those home who are still in line, and lets those at the till finish: nobody is left behind to stand before the next visitor. */
  stop(): Promise<void>;
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
const farewellMs = 5_000;

/** Lets a crowd arrive. Each member joins, waits for its turn, shops for a moment and buys; a few lose patience and leave. */
export function startCrowd(options: CrowdOptions): Crowd {
  const merchant = createFanfare({ secretKey: options.launch.secretKey, organizationId: options.launch.organizationId, apiUrl: options.apiUrl });
  const present = new Set<Promise<void>>();
  const closing = new AbortController();
  setMaxListeners(0, closing.signal);

  async function arrive(member: number): Promise<void> {
    const sdk = await initFanfare({
      organizationId: options.launch.organizationId,
      publishableKey: options.launch.publishableKey,
      apiUrl: options.apiUrl,
      storage: "memory",
      sync: { enabled: false },
    });
    try {
      await shop({ sdk, merchant, launch: options.launch, member, closing: closing.signal });
    } finally {
      sdk.destroy();
    }
  }

  function come(member: number): void {
    if (closing.signal.aborted) return;
    const visit = arrive(member)
      .catch(options.onFault)
      .finally(() => present.delete(visit));
    present.add(visit);
  }

  for (let member = 0; member < options.size; member++) {
    void pause((member * 1000) / arrivalsPerSecond, undefined, { ref: false }).then(() => come(member));
  }
  return Object.freeze({
    async stop() {
      closing.abort();
      await Promise.race([Promise.all(present), pause(farewellMs)]);
    },
  });
}

interface Visit {
  readonly sdk: FanfareSDK;
  readonly merchant: Fanfare;
  readonly launch: DemoLaunch;
  readonly member: number;
  /** Aborted when the demo ends. */
  readonly closing: AbortSignal;
}

/** One member's way from arrival to the order. */
async function shop({ sdk, merchant, launch, member, closing }: Visit): Promise<void> {
  await sdk.auth.guest();
  const { view$ } = sdk.journeys.get(launch.experienceId);
  const ready = view$.get();
  if (ready.journeyStage === "ready") await ready.start();
  const enterable = await reach(view$, (view) => view.journeyStage === "routed" && view.sequence.phase !== "scheduled", closing);
  if (closing.aborted) return;
  if (enterable.journeyStage === "routed" && enterable.sequence.phase === "enterable" && "enter" in enterable.sequence) await enterable.sequence.enter();
  const patience = randomInt(10) === 0 ? AbortSignal.any([closing, AbortSignal.timeout(randomInt(5_000, 60_000))]) : closing;
  const turn = await reach(view$, (view) => view.journeyStage === "routed" && (view.sequence.phase === "granted" || view.sequence.phase === "ended"), patience);
  if (turn.journeyStage !== "routed") return;
  if (turn.sequence.phase === "participating") await turn.sequence.leave?.();
  if (turn.sequence.phase !== "granted") return;
  const held = await merchant.grants.validate(turn.sequence.grant.token);
  // Whoever is at the till when the demo ends pays at once: a grant that is held would keep its slot until it expires.
  await pause(randomInt(3_000, 15_000), undefined, { ref: false, signal: closing }).catch(() => undefined);
  await merchant.grants.complete({ redemptionId: held.redemptionId, orderId: `crowd-${member}-${held.grantId}` });
}
