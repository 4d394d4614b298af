import { expect } from "vitest";
import type { FanfareConfig, JourneyHandle, JourneyView, SequenceView } from "@fanfare-io/fanfare-contract";
import { admitted, offer, queued, routed, scriptSessions, startSdk, within } from "./launch.ts";
import type { TestSdk } from "./launch.ts";
import { createTabWorld } from "./tab-world.ts";
import type { Tab, TabWorld } from "./tab-world.ts";

/** Where journeys ask which way leads in. */
export const route = "POST /experiences/:id/route";
/** Where lines are joined. */
export const enterLine = "POST /queues/:id/enter";
/** Where they are left. */
export const leaveLine = "POST /queues/:id/leave";
/** Where a place asks how it stands. */
export const statusLine = "GET /queues/:id/status";
/** Where a grant becomes a token. */
export const presentLine = "POST /grants/presentation";

/** A profile, and a service with one open queue: whoever enters is third. */
export function world(): TabWorld {
  const made = createTabWorld();
  const { service, clock } = made;
  scriptSessions(service, clock);
  service.answer(route, { status: 200, body: routed(offer()) });
  service.answer(statusLine, { status: 200, body: { status: "NOT_QUEUED" } });
  service.answer(enterLine, { status: 200, body: { ...queued(3), pollToken: "poll-1" } });
  service.answer(leaveLine, { status: 200, body: { status: "LEFT" } });
  let presented = 0;
  service.answer(presentLine, () => ({
    status: 200,
    body: {
      token: `grant-token-${++presented}`,
      tokenExpiresAt: new Date(clock.now() + 120_000).toISOString(),
      grantId: "grant_1",
      expiresAt: new Date(clock.now() + 600_000).toISOString(),
    },
  }));
  return made;
}

/** One shopper in one tab, with what they see of their journey. */
export interface Shopper extends TestSdk {
  readonly w: TabWorld;
  readonly tab: Tab;
  readonly journey: JourneyHandle;
  readonly stages: string[];
}

/** Opens the page; nothing is started. */
export async function arrive(w: TabWorld = world(), config: Partial<FanfareConfig> = {}, tab: Tab = w.openTab()): Promise<Shopper> {
  const started = await startSdk(w, tab, config);
  const journey = started.sdk.journeys.get("exp_1");
  const stages: string[] = [];
  journey.view$.subscribe((view) => void stages.push(view.journeyStage === "routed" ? view.sequence.phase : view.journeyStage));
  return { ...started, w, tab, journey, stages };
}

/** What is drawn, which must be at this stage. */
export function viewOf<S extends JourneyView["journeyStage"]>({ journey }: Shopper, stage: S): Extract<JourneyView, { journeyStage: S }> {
  const view = journey.view$.get();
  expect(view.journeyStage).toBe(stage);
  return view as Extract<JourneyView, { journeyStage: S }>;
}
/** The way in that is shown, which must be in this phase. */
export function sequenceOf<P extends SequenceView["phase"]>(shopper: Shopper, phase: P): Extract<SequenceView, { phase: P }> {
  const { sequence } = viewOf(shopper, "routed");
  expect(sequence.phase).toBe(phase);
  return sequence as Extract<SequenceView, { phase: P }>;
}
/** Starts the journey. */
export async function start(shopper: Shopper): Promise<void> {
  await within(shopper.w.clock, 100, viewOf(shopper, "ready").start());
}
/** Starts it and joins the line. */
export async function join(shopper: Shopper): Promise<void> {
  await start(shopper);
  await within(shopper.w.clock, 100, sequenceOf(shopper, "enterable").enter());
}
/** Lets the line come to this shopper. */
export async function beAdmitted(shopper: Shopper): Promise<void> {
  shopper.w.service.answer(statusLine, { status: 200, body: admitted(shopper.w.clock) });
  await shopper.w.clock.advance(6_000);
}
