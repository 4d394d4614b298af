import type { AdmissionStore } from "../data/admission-store.ts";
import type { Change, QueueHead } from "../data/line-feed.ts";
import type { QueueKey, WaitingBlock } from "../data/queue-entries.ts";
import type { QueueSettings } from "../domain/queue-settings.ts";
import type { Admission } from "../domain/standing.ts";
import type { QueueLimits } from "./scenario.ts";
import { consumerWordsOf } from "./simulated-consumer.ts";

/** Where an entry stands. */
export const entryStates = ["none", "waiting", "admitted", "held", "completed", "expired", "left"] as const;
export type EntryState = (typeof entryStates)[number];

/** The rows of one queue in memory, changed by the same rules as the statements of `data/`: what simulated nodes share. */
export interface World {
  readonly key: QueueKey;
  readonly store: AdmissionStore;
  head(): QueueHead;
  /** Gives tickets, in order. Returns the first. */
  join(shoppers: readonly number[]): number;
  changesAbove(version: number): readonly Change[];
  /** The live grants of these tickets, or all. */
  admissions(tickets: readonly number[] | null): readonly Grant[];
  waitingAbove(ticket: number): WaitingBlock;
  stateOf(ticket: number): EntryState;
  shopperAt(ticket: number): number;
  leave(ticket: number, now: number): boolean;
  hold(ticket: number, now: number, heldMs: number): boolean;
  complete(ticket: number, now: number): boolean;
  waiting(): number;
  counters(): Counters;
}

/** What the counters row says, and what it refused. */
export interface Counters {
  readonly active: number;
  readonly granted: number;
  readonly tail: number;
  /** Admissions that memory thought right and the row refused: another's epoch, a cap, a ticket that was gone. */
  readonly refused: number;
}

const waiting = entryStates.indexOf("waiting");

type Grant = Admission & { readonly consumerId: string };

/** Who hears of what the service does by itself, as it commits. */
export interface WorldListener {
  onAdmitted(tickets: readonly number[]): void;
  onExpired(tickets: readonly number[]): void;
}

/** Makes an empty queue, open from the start. */
export function createWorld(limits: QueueLimits, consumerOf: (shopper: number) => string, listener: WorldListener): World {
  const key: QueueKey = { organizationId: "org_rehearsal", queueId: "queue_rehearsal" };
  const settings = settingsOf(key, limits);
  const changes: Change[] = [];
  const grants = new Map<number, Grant>();
  // When the ones ends that nobody has shown to the shop, and those that the shop holds.
  const unused = new Map<number, number>();
  const holds = new Map<number, number>();
  const state = [0];
  const holder = [-1];
  const row = { active: 0, granted: 0, epoch: 0, owner: null as string | null, leaseEndsAt: -Infinity, tokens: 0, refilledAt: null as number | null };
  let refused = 0;
  let waitingNow = 0;

  const is = (ticket: number, wanted: EntryState): boolean => entryStates[state[ticket] ?? 0] === wanted;
  const put = (ticket: number, next: EntryState): void => {
    if (is(ticket, "waiting")) waitingNow--;
    state[ticket] = entryStates.indexOf(next);
  };
  const note = (kind: Change["kind"], tickets: readonly number[], at: number): void =>
    void changes.push({ version: changes.length + 1, kind, tickets, movedTickets: [], at: new Date(at) });

  function end(tickets: readonly number[], how: "completed" | "expired" | "left", now: number): void {
    for (const ticket of tickets) {
      if (grants.delete(ticket)) row.active--;
      unused.delete(ticket);
      holds.delete(ticket);
      put(ticket, how);
    }
    if (tickets.length > 0) note(how, tickets, now);
    if (how === "expired" && tickets.length > 0) listener.onExpired(tickets);
  }

  const store: AdmissionStore = {
    async holdLease(_key, node, now, expiresAt) {
      if (row.owner !== null && row.owner !== node && row.leaseEndsAt > now.getTime()) return null;
      Object.assign(row, { epoch: row.epoch + (row.owner === node ? 0 : 1), owner: node, leaseEndsAt: expiresAt.getTime() });
      return { epoch: row.epoch, active: row.active, granted: row.granted, stock: null, bucket: { tokens: row.tokens, refilledAt: row.refilledAt } };
    },
    async releaseLeases(node) {
      if (row.owner === node) Object.assign(row, { owner: null, leaseEndsAt: -Infinity });
    },
    async admitTickets(_key, { epoch, tickets: chosen, grantIds, at, tokensLeft }) {
      const { capacity, maxAdmissions } = limits;
      const tickets = chosen.filter((ticket) => is(ticket, "waiting"));
      if (tickets.length === 0) return [];
      const fits =
        epoch === row.epoch &&
        (capacity === null || row.active + tickets.length <= capacity) &&
        (maxAdmissions === null || row.granted + tickets.length <= maxAdmissions);
      if (!fits) {
        refused++;
        return null;
      }
      const now = at.getTime();
      tickets.forEach((ticket, index) => {
        put(ticket, "admitted");
        const expiresAt = now + limits.admissionExpirationSeconds * 1000;
        grants.set(ticket, { ticket, consumerId: consumerOf(holder[ticket] ?? 0), grantId: grantIds[index] ?? "", admittedAt: now, expiresAt });
        unused.set(ticket, expiresAt);
      });
      const tokens = tokensLeft === null ? row.tokens : tokensLeft + chosen.length - tickets.length;
      Object.assign(row, { active: row.active + tickets.length, granted: row.granted + tickets.length, tokens, refilledAt: now });
      note("admitted", tickets, now);
      listener.onAdmitted(tickets);
      // Rehearsals measure waits where people wait, not here.
      return tickets.map(() => 0);
    },
    async expireGrants(_key, now, heldBefore) {
      // Both lists are in the order in which their grants end, but for the difference between two nodes' clocks.
      const due: number[] = [];
      for (const [ticket, expiresAt] of unused) {
        if (expiresAt > now.getTime()) break;
        due.push(ticket);
      }
      for (const [ticket, heldUntil] of holds) {
        if (heldUntil > heldBefore.getTime()) break;
        due.push(ticket);
      }
      end(due, "expired", now.getTime());
    },
    async endPlaces(_key, tickets, at, epoch) {
      if (epoch === row.epoch)
        end(
          tickets.filter((ticket) => is(ticket, "waiting")),
          "expired",
          at.getTime(),
        );
    },
  };

  return Object.freeze<World>({
    key,
    store,
    head: () => ({ settings, tail: state.length - 1, version: changes.length, active: row.active, granted: row.granted, stock: null }),
    join(shoppers) {
      const first = state.length;
      for (const shopper of shoppers) {
        state.push(waiting);
        holder.push(shopper);
      }
      waitingNow += shoppers.length;
      return first;
    },
    changesAbove: (version) => changes.slice(version),
    admissions: (tickets) => (tickets === null ? [...grants.values()] : tickets.map((ticket) => grants.get(ticket)).filter((grant) => grant !== undefined)),
    waitingAbove(above) {
      const tickets: number[] = [];
      for (let ticket = above + 1; ticket < state.length; ticket++) if (state[ticket] === waiting) tickets.push(ticket);
      return blockOf(tickets, holder);
    },
    stateOf: (ticket) => entryStates[state[ticket] ?? 0] ?? "none",
    shopperAt: (ticket) => holder[ticket] ?? -1,
    leave(ticket, now) {
      if (!is(ticket, "waiting") && !is(ticket, "admitted")) return false;
      end([ticket], "left", now);
      return true;
    },
    hold(ticket, now, heldMs) {
      const grant = grants.get(ticket);
      if (grant === undefined || !is(ticket, "admitted") || grant.expiresAt <= now) return false;
      unused.delete(ticket);
      holds.set(ticket, now + heldMs);
      put(ticket, "held");
      return true;
    },
    complete(ticket, now) {
      if (!is(ticket, "held")) return false;
      end([ticket], "completed", now);
      return true;
    },
    waiting: () => waitingNow,
    counters: () => ({ active: row.active, granted: row.granted, tail: state.length - 1, refused }),
  });
}

function blockOf(tickets: readonly number[], holder: readonly number[]): WaitingBlock {
  const bytes = new Uint8Array(tickets.length * 28);
  const view = new DataView(bytes.buffer);
  tickets.forEach((ticket, index) => {
    const at = index * 28;
    view.setUint32(at + 4, ticket);
    const words = consumerWordsOf(holder[ticket] ?? 0);
    for (let place = 0; place < words.length; place++) view.setUint32(at + 8 + place * 4, words[place] ?? 0);
    view.setUint32(at + 24, ticket - 1);
  });
  return { count: tickets.length, lastTicket: tickets.at(-1) ?? 0, bytes };
}

function settingsOf(key: QueueKey, limits: QueueLimits): QueueSettings {
  return {
    organizationId: key.organizationId,
    id: key.queueId,
    experienceId: "exp_rehearsal",
    sequenceId: "seq_rehearsal",
    name: "Rehearsal",
    openAt: null,
    closeAt: null,
    paused: false,
    killed: false,
    archived: false,
    ...limits,
    maxWaiting: null,
    holdSeconds: 1_800,
    grantExtensions: 0,
    grantExtensionSeconds: 300,
    positionDisplayMode: "precise",
    message: null,
    early: null,
  };
}
