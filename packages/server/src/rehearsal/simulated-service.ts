import type { PublicQueue, QueueConsumerState } from "@fanfare-io/fanfare-contract";
import { createPublicBodies } from "../lines/public-body.ts";
import { drawFaults } from "./faults.ts";
import type { Fault } from "./faults.ts";
import type { SeededRandom } from "./random.ts";
import type { QueueLimits } from "./scenario.ts";
import { createSimulationWatch, ofOneTick } from "./simulation-watch.ts";
import type { SimulationWatch } from "./simulation-watch.ts";
import { createSimulatedConsumers } from "./simulated-consumer.ts";
import { followPeriodMs, sightingPeriodMs, startSimulatedNode } from "./simulated-node.ts";
import type { SimulatedNode } from "./simulated-node.ts";
import { createWorld } from "./world.ts";
import type { Counters } from "./world.ts";

/** The simulated service as its shoppers reach it: some node answers, or none. */
export interface SimulatedService {
  /** Faults, following, sightings, admission: what happens by itself at this instant. */
  beginTick(now: number): Promise<void>;
  /** Tickets in the shoppers' order; undefined = nobody answered. */
  join(shoppers: readonly number[], now: number): readonly (number | undefined)[];
  /** What the shopper is told by a node that knows at least what they saw already. Null = nobody answered. */
  ask(shopper: number, seenVersion: number): QueueConsumerState | null;
  /** The body that everybody shares, as a cache in front has it: at most a second old. Null = nobody answered yet. */
  sharedBody(now: number): PublicQueue | null;
  isWaiting(shopper: number): boolean;
  leave(shopper: number, now: number): void;
  hold(shopper: number, now: number, heldMs: number): boolean;
  complete(shopper: number, now: number): boolean;
  waiting(): number;
  counters(): Counters;
  watch(): SimulationWatch;
}

/** What a simulated service is made of. */
export interface SimulatedServiceOptions {
  readonly limits: QueueLimits;
  readonly nodes: number;
  readonly faultEverySeconds: number | null;
  readonly seconds: number;
  readonly tickMs: number;
  readonly random: SeededRandom;
  readonly onAdmitted: (shopper: number, at: number) => void;
  readonly onExpired: (shopper: number, at: number) => void;
}

// Clocks of nodes are off by so much at most.
const skewMs = 1_500;

/** Starts the nodes of a simulated service over one world. */
export function createSimulatedService(options: SimulatedServiceOptions): SimulatedService {
  const { limits, random, tickMs } = options;
  const ticketOf: number[] = [];
  const consumerOf = createSimulatedConsumers();
  const faults = drawFaults(options.seconds, options.faultEverySeconds, options.nodes, random);
  const watch = createSimulationWatch(limits, tickMs);
  const enough = ofOneTick(limits.admitRate, tickMs);
  const world = createWorld(limits, consumerOf, {
    onAdmitted(tickets) {
      watch.admitted(clock);
      for (const ticket of tickets) options.onAdmitted(world.shopperAt(ticket), clock);
    },
    onExpired(tickets) {
      for (const ticket of tickets) options.onExpired(world.shopperAt(ticket), clock);
    },
  });
  let clock = 0;
  let nextFault = 0;
  let losing: Extract<Fault, { kind: "lost" }> | null = null;
  let stalledUntil = 0;
  let births = 0;
  const bodies = createPublicBodies();
  let cached: { readonly at: number; readonly body: PublicQueue } | null = null;
  const slots = Array.from({ length: options.nodes }, () => ({ node: null as SimulatedNode | null, bornAt: 0, frozenUntil: 0 }));
  const onFault = (): void => undefined;

  function born(): SimulatedNode {
    const skew = options.nodes === 1 ? 0 : random.between(-skewMs, skewMs);
    const store: typeof world.store = {
      ...world.store,
      async admitTickets(key, admission) {
        const fault = losing;
        losing = null;
        if (fault?.committed === false) throw new Error("The statement was lost.");
        const done = await world.store.admitTickets(key, admission);
        if (fault !== null) throw new Error("The answer was lost.");
        return done;
      },
    };
    return startSimulatedNode({ name: `node-${++births}`, world, now: () => epochMs + clock + skew, store, onFault });
  }
  for (const slot of slots) slot.node = born();

  // Who is up does not change within a tick, and is asked for millions of times.
  let up: readonly SimulatedNode[] = [];
  const lookWhoIsUp = (): void =>
    void (up = slots.flatMap(({ node, frozenUntil }) => (node !== null && frozenUntil <= clock && stalledUntil <= clock ? [node] : [])));
  const any = (): SimulatedNode | undefined => up[random.index(up.length)];

  function strike(fault: Fault): void {
    watch.fault(clock, "forMs" in fault ? fault.forMs : 0);
    const slot = "node" in fault ? slots[fault.node] : undefined;
    if (fault.kind === "lost") losing = fault;
    else if (fault.kind === "stalls") stalledUntil = clock + fault.forMs;
    else if (slot !== undefined && fault.kind === "freezes") slot.frozenUntil = clock + fault.forMs;
    else if (slot !== undefined) {
      slot.node = null;
      slot.bornAt = clock + fault.forMs;
    }
  }

  function exchangeSightings(): void {
    const told = up.map((node) => ({ node, heard: node.heard() }));
    for (const { node } of told) for (const other of told) if (other.node !== node) node.live.hearOf(other.heard, node.now());
  }

  async function beginTick(now: number): Promise<void> {
    clock = now;
    for (let fault = faults[nextFault]; fault !== undefined && fault.at <= now; fault = faults[++nextFault]) strike(fault);
    for (const slot of slots) if (slot.node === null && slot.bornAt <= now) slot.node = born();
    lookWhoIsUp();
    if (now % followPeriodMs < tickMs) for (const node of up) node.follow();
    if (options.nodes > 1 && now % sightingPeriodMs < tickMs) exchangeSightings();
    for (const node of up) await node.tick();
    // A node that has just begun takes everybody for present; what all of them say is so.
    const present = up.length === 0 ? world.waiting() : Math.min(...up.map(({ live, now: itsNow }) => live.firstPresent(enough, itsNow()).length));
    watch.ticked(now, world.counters(), present);
  }

  const known = (shopper: number): number => ticketOf[shopper] ?? 0;
  return Object.freeze<SimulatedService>({
    beginTick,
    join(shoppers, _now) {
      const node = any();
      if (node === undefined) return shoppers.map(() => undefined);
      const departed = node.live.line.departed();
      const first = world.join(shoppers);
      return shoppers.map((shopper, index) => {
        const ticket = first + index;
        ticketOf[shopper] = ticket;
        node.live.welcome({ ticket, consumerId: consumerOf(shopper), aheadAtEntry: Math.max(0, ticket - 1 - departed) }, node.now());
        return ticket;
      });
    },
    ask(shopper, seenVersion) {
      const node = any();
      if (node === undefined) return null;
      if (seenVersion > node.live.version()) node.follow();
      const standing = node.live.meet(consumerOf(shopper), node.now());
      if (standing !== null) return standing;
      // The node is behind, or the entry is over: the database is asked, as the service asks it.
      node.follow();
      return node.live.meet(consumerOf(shopper), node.now()) ?? past(world.stateOf(known(shopper)));
    },
    sharedBody(now) {
      const node = cached === null || now - cached.at >= 1_000 ? any() : undefined;
      if (node !== undefined) cached = { at: now, body: JSON.parse(bodies(node.live, node.now()).bytes.toString()) as PublicQueue };
      return cached?.body ?? null;
    },
    isWaiting: (shopper) => world.stateOf(known(shopper)) === "waiting",
    leave: (shopper, now) => void world.leave(known(shopper), epochMs + now),
    hold: (shopper, now, heldMs) => world.hold(known(shopper), epochMs + now, heldMs),
    complete: (shopper, now) => world.complete(known(shopper), epochMs + now),
    waiting: () => world.waiting(),
    counters: world.counters,
    watch: () => watch.report(world.counters()),
  });
}

/** Any instant will do; presence must not begin at zero, which means never. */
const epochMs = Date.UTC(2026, 0, 1);

function past(state: ReturnType<ReturnType<typeof createWorld>["stateOf"]>): QueueConsumerState {
  if (state === "completed") return { status: "COMPLETED" };
  if (state === "left") return { status: "LEFT" };
  return state === "expired" ? { status: "EXPIRED" } : { status: "NOT_QUEUED" };
}
