import type {
  FanfareConfig,
  FanfareEvents,
  FanfareSDK,
  GuestSession,
  QueueConsumerState,
  RouteAnswer,
  RouteOffer,
  TokenResponse,
} from "@fanfare-io/fanfare-contract";
import initFanfare from "../client.ts";
import type { ScriptedService } from "./scripted-service.ts";
import type { SimulatedClock } from "./simulated-clock.ts";
import type { Tab, TabWorld } from "./tab-world.ts";

/** An SDK in a tab of the simulated profile, with every event it told. */
export interface TestSdk {
  readonly sdk: FanfareSDK;
  readonly told: readonly { readonly event: keyof FanfareEvents; readonly payload: unknown }[];
  names(): string[];
}

const eventNames: readonly (keyof FanfareEvents)[] = [
  "auth:authenticated",
  "auth:refreshed",
  "auth:logout",
  "auth:error",
  "auth:linked",
  "queue:entered",
  "queue:position-changed",
  "queue:admitted",
  "queue:left",
  "queue:denied",
  "queue:expired",
  "draw:entered",
  "draw:status-updated",
  "draw:won",
  "draw:lost",
  "draw:left",
  "draw:expired",
];

/** Starts the SDK in a tab, and listens as soon as a host could. */
export async function startSdk(world: TabWorld, tab: Tab, config: Partial<FanfareConfig> = {}): Promise<TestSdk> {
  // A simulated clock cannot wait for the loader of modules.
  await Promise.all([
    import("../auth/online.ts"),
    import("../auth/mending.ts"),
    import("../auth/signals.ts"),
    import("../journey/part.ts"),
    import("../lib/text-shelf.ts"),
    import("../mechanisms/queue/listening.ts"),
  ]);
  const told: { event: keyof FanfareEvents; payload: unknown }[] = [];
  let started: FanfareSDK | undefined;
  const starting = initFanfare({ organizationId: "org_xxx", publishableKey: "pk_live_xxx", apiUrl: "https://api.test/api", platform: tab.platform, ...config });
  const listening = starting.then((sdk) => {
    started = sdk;
    for (const event of eventNames) sdk.on(event, (payload) => void told.push({ event, payload }));
  });
  await world.clock.settle();
  while (!started) await world.clock.advance(1);
  await listening;
  await world.clock.advance(0);
  return { sdk: started, told, names: () => told.map(({ event }) => event) };
}

/** Runs a call whose answer needs time to pass. */
export async function within<T>(clock: SimulatedClock, ms: number, task: Promise<T>): Promise<T> {
  const outcome = task.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  await clock.advance(ms);
  const settled = await outcome;
  if ("error" in settled) throw settled.error;
  return settled.value;
}

/** The consumer that the scripted service makes. */
export const consumerId = "01936d6e-0000-7000-8000-000000000001";

/** A guest's tokens, numbered by how often they were renewed. */
export function tokens(clock: SimulatedClock, counter = 1, id = consumerId): TokenResponse {
  const expiresAt = new Date(clock.now() + 3_600_000).toISOString();
  const session: GuestSession = { type: "guest", consumerId: id, guestId: id, expiresAt, bound: false };
  return { accessToken: `at-${counter}`, refreshToken: `rt-${counter}`, tokenType: "Bearer", expiresInSeconds: 600, session };
}

/** Scripts guest, refresh and logout as a patient service would answer them. */
export function scriptSessions(service: ScriptedService, clock: SimulatedClock): void {
  let counter = 1;
  service.answer("POST /auth/guest", () => ({ status: 201, body: tokens(clock) }));
  service.answer("POST /auth/refresh", () => ({ status: 200, body: tokens(clock, ++counter) }));
  service.answer("POST /auth/logout", { status: 204 });
}

/** One offer of a queue. */
export function offer(changes: Partial<Omit<RouteOffer, "distribution">> & { readonly distribution?: Partial<RouteOffer["distribution"]> } = {}): RouteOffer {
  return {
    sequenceId: "seq_1",
    name: "Everyone",
    priority: 0,
    gates: [],
    ...changes,
    distribution: { id: "queue_1", type: "queue", state: "active", openAt: null, closeAt: null, ...changes.distribution },
  };
}

/** A routing answer. */
export function routed(...offers: readonly RouteOffer[]): RouteAnswer {
  return { experienceId: "exp_1", outcome: "routed", offers };
}

/** A place in the line. */
export function queued(position: number, changes: Partial<Extract<QueueConsumerState, { status: "QUEUED" }>> = {}): QueueConsumerState {
  return {
    status: "QUEUED",
    ticket: 7,
    position,
    waitingAhead: position - 1,
    positionDisplayMode: "precise",
    progress: 1 / position,
    estimatedWaitTimeInSeconds: position * 10,
    estimate: { low: position * 8, high: position * 12 },
    admitRatePerMinute: 6,
    pollAfterSeconds: 5,
    version: 100 - position,
    ...changes,
  };
}

/** The turn. */
export function admitted(clock: SimulatedClock): QueueConsumerState {
  return {
    status: "ADMITTED",
    admittedAt: new Date(clock.now()).toISOString(),
    grantId: "grant_1",
    expiresAt: new Date(clock.now() + 600_000).toISOString(),
    pollAfterSeconds: 10,
  };
}
