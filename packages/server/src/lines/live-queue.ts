import type { FollowShared, QueueConsumerState, QueueMetrics, QueueState } from "@fanfare-io/fanfare-contract";
import type { Aside } from "../data/entry-checks.ts";
import type { Change, QueueHead } from "../data/line-feed.ts";
import { eachWaiting } from "../data/queue-entries.ts";
import type { QueueKey, WaitingBlock } from "../data/queue-entries.ts";
import { createAttendance, firstPresent } from "../domain/attendance.ts";
import type { Heard, Survey } from "../domain/attendance.ts";
import { blockSizeOf, departedInBlock } from "../domain/digest.ts";
import { toEstimate } from "../domain/estimate.ts";
import type { Wait } from "../domain/estimate.ts";
import type { EarlyPlaces } from "../domain/early-order.ts";
import { createLine } from "../domain/line.ts";
import type { Line, Waiter } from "../domain/line.ts";
import { createPresence, longestPollSeconds } from "../domain/presence.ts";
import type { Presence } from "../domain/presence.ts";
import { admitsWaiters, queueState } from "../domain/queue-settings.ts";
import type { QueueCounters, QueueSettings } from "../domain/queue-settings.ts";
import { admittedState, waitingState } from "../domain/standing.ts";
import type { Admission } from "../domain/standing.ts";
import { createAsides } from "./asides.ts";
import type { Asides } from "./asides.ts";
import { findConsumer } from "./found.ts";
import type { Found } from "./found.ts";
import { createLiveGrants } from "./live-grants.ts";
import { createOutlook } from "./outlook.ts";
import { reorder } from "./reorder.ts";

/** One queue as this node holds it in memory: what status answers are made from without asking the database. */
export interface LiveQueue {
  readonly key: QueueKey;
  /** Who stands where. Its tickets are places: the tickets of the database, but for early arrivals once their places are drawn. */
  readonly line: Line;
  settings(): QueueSettings;
  state(now: number): QueueState;
  /** Whether people are let in by themselves. */
  moves(now: number): boolean;
  /** Changes up to this version are in. */
  version(): number;
  /** Who has something to show before their turn. */
  readonly asides: Pick<Asides, "count" | "take" | "refresh" | "takeShown">;
  /** The first waiting tickets whose holders are asked to be there, as the database numbers them. */
  nearTickets(count: number, now: number): readonly number[];
  /** Live grants, as far as this node knows. */
  admitted(): number;
  /** Live grants and grants in all, as the counters stood at the last follow. */
  grants(): QueueCounters;
  /** Whether this node knows of a place or a grant of theirs. */
  knows(consumerId: string): boolean;
  /** What a consumer would be told, or null when memory alone cannot say. */
  standingOf(consumerId: string, now: number): QueueConsumerState | null;
  /** The same for a consumer who asks right now, which is noted: asking is what presence is. `atLeastSeconds`: they may be silent for so long, whatever they are told. */
  meet(consumerId: string, now: number, atLeastSeconds?: number): QueueConsumerState | null;
  /** Notes a waiter who has just joined on this node, or asked to. */
  welcome(waiter: { readonly ticket: number; readonly consumerId: string; readonly aheadAtEntry: number }, now: number): void;
  /** The first waiting tickets whose holders are there, as far as people are asked to be there, and as the database numbers them. */
  firstPresent(count: number, now: number): readonly number[];
  /** Asks for more people to be there than the rate would need: an operator lets so many in by hand. */
  widen(count: number, now: number): void;
  /** The wait at a position; null when nothing honest can be said. */
  waitAt(position: number, now: number): Wait | null;
  /** How much longer those who are far should wait between two questions; 1 = as usual. */
  stretch(): number;
  /** Who is there and who has been away for too long; looked up at most once a second. */
  survey(now: number): Survey;
  /** How the queue is doing, as far as this node knows. */
  metrics(now: number): QueueMetrics;
  /** Takes what another node heard of waiters. */
  hearOf(heard: Heard, now: number): void;
  /** The database's tickets are known up to this one: what to read on from. */
  readTo(): number;
  /** Whether early arrivals stand in the order that was drawn; true also where none is drawn. */
  isOrdered(): boolean;
  /** Puts early arrivals in their order, in one turn once it is known: nobody sees new places in the old order. Every ticket that takes part has to have been read. `breathe` is awaited now and then. */
  order(places: EarlyPlaces, breathe: () => Promise<void>): Promise<void>;
  takeHead(head: QueueHead, now: number): void;
  /** Takes who waits up to a ticket into a line that nobody has seen yet: tickets between them that do not wait have gone. */
  load(entries: WaitingBlock, upToTicket: number): void;
  /** Takes who joined up to a ticket, lately enough to count as heard of at `now`. */
  takeJoins(entries: WaitingBlock, upToTicket: number, now: number): void;
  takeChange(change: Change): void;
  /** Takes waiters who were asked for something while nobody looked, into a line that nobody has seen yet. */
  restoreAsides(asides: readonly Aside[]): void;
  /** Takes whose waiting tickets are now that were another's: each keeps its place. */
  handOver(entries: WaitingBlock): void;
  takeAdmissions(admissions: readonly (Admission & { readonly consumerId: string })[]): void;
}

const surveyEveryMs = 1_000;
/** A waiter who lives on the shared body asks for themselves this often, in case something about them alone has changed. */
const statusAfterSeconds = 900;
// What is told to the other nodes reaches back over three rounds, so that one that reads late misses nobody.
const heardForMs = 3 * surveyEveryMs;

const asTheyCame: EarlyPlaces = Object.freeze({ early: 0, placeOf: (arrival: number) => arrival, arrivalAt: (place: number) => place });

/** What a live queue may be told at its making. */
export interface LiveQueueOptions {
  /** The order of early arrivals, where it has been drawn. */
  readonly places?: EarlyPlaces | null;
  /** How busy the node is, see `Busyness`. */
  readonly stretch?: () => number;
}

/** Makes the memory of a queue, empty but for its head; `now` is when this node began to listen to it. */
export function createLiveQueue(first: QueueHead, now: number, { places: drawn = null, stretch = () => 1 }: LiveQueueOptions = {}): LiveQueue {
  let head = first;
  let version = first.version;
  let places = drawn;
  let [line, presence] = [createLine(), createPresence(now)];
  let attendance = createAttendance(line, presence);
  let readTo = 0;
  const placeOf = (ticket: number): number => (places ?? asTheyCame).placeOf(ticket);
  const ticketAt = (place: number): number => (places ?? asTheyCame).arrivalAt(place);
  let surveyed: { readonly at: number; readonly found: Survey } | null = null;
  const grants = createLiveGrants();
  const asides = createAsides();

  const outlook = createOutlook({
    line: () => line,
    settings: () => head.settings,
    moving: (at) => live.moves(at),
    grants,
  });

  function tell({ admission, waiter }: Found, now: number): QueueConsumerState | null {
    if (admission !== undefined) return admittedState(admission, now);
    if (waiter === undefined) return null;
    const { ticket, aheadAtEntry } = waiter;
    const position = line.positionOf(ticket);
    const check = asides.ask(ticketAt(ticket), now);
    return waitingState({
      check,
      settings: head.settings,
      state: live.state(now),
      counters: live.grants(),
      ticket,
      aheadAtEntry,
      arrival: arrivalOf(head.settings, ticketAt(ticket)),
      position,
      wait: outlook.waitAt(position, now),
      // Whoever has something to show has to hear of it.
      follow: check === undefined ? followOf(live, waiter, now) : null,
      stretch: stretch(),
      version,
      now,
    });
  }

  const live: LiveQueue = {
    key: { organizationId: first.settings.organizationId, queueId: first.settings.id },
    // oxfmt-ignore
    get line() { return line; },
    settings: () => head.settings,
    state: (now) => queueState(head.settings, head, now),
    moves: (now) => admitsWaiters(head.settings, live.state(now)),
    version: () => version,
    asides,
    nearTickets(count, now) {
      const near: number[] = [];
      const { horizon } = live.survey(now);
      line.walk((ticket) => ticket <= horizon && near.push(ticketAt(ticket)) < count);
      return near;
    },
    admitted: grants.count,
    grants: () => ({ active: head.active, granted: head.granted, stock: head.stock }),
    knows(consumerId) {
      const { admission, waiter } = findConsumer(grants, line, consumerId);
      return admission !== undefined || waiter !== undefined;
    },
    standingOf: (consumerId, now) => tell(findConsumer(grants, line, consumerId), now),
    meet(consumerId, now, atLeastSeconds = 0) {
      const found = findConsumer(grants, line, consumerId);
      const standing = tell(found, now);
      if (standing?.status === "QUEUED" && found.waiter !== undefined)
        presence.see(found.waiter.ticket, now, Math.max(standing.pollAfterSeconds, atLeastSeconds));
      return standing;
    },
    welcome({ ticket, consumerId, aheadAtEntry }, now) {
      const place = placeOf(ticket);
      line.join(place, consumerId, place === ticket ? aheadAtEntry : place - 1);
      presence.see(place, now, longestPollSeconds);
    },
    firstPresent: (count, now) => firstPresent(line, presence, count, now, live.survey(now).horizon).map(ticketAt),
    widen(count, now) {
      outlook.widen(count, now);
      surveyed = null;
    },
    waitAt: outlook.waitAt,
    stretch,
    survey(now) {
      if (surveyed !== null && now - surveyed.at < surveyEveryMs && now >= surveyed.at) return surveyed.found;
      const { holdSeconds } = head.settings;
      const options = { ...outlook.look(now), holdMs: holdSeconds * 1000, heardSince: now - heardForMs };
      const found = attendance.survey(now, options);
      const heard = { ...found.heard, tickets: found.heard.tickets.map(ticketAt) };
      // The horizon is a place: that is what shoppers know of themselves.
      surveyed = { at: now, found: { ...found, overdue: found.overdue.map(ticketAt), heard } };
      return surveyed.found;
    },
    metrics: (now) => ({ ...measure(live, presence, now), observedRatePerMinute: outlook.observedRate(now) }),
    hearOf({ tickets, pollAfter }, now) {
      tickets.forEach((ticket, index) => {
        if (ticket <= line.tail()) presence.hearOf(placeOf(ticket), now, pollAfter[index] ?? longestPollSeconds);
      });
    },
    readTo: () => Math.max(readTo, line.followedTo()),
    isOrdered: () => head.settings.early === null || places !== null,
    async order(next, breathe) {
      const reordered = await reorder(line, presence, next, breathe);
      [line, presence, places, surveyed] = [reordered.line, reordered.presence, next, null];
      attendance = createAttendance(line, presence);
    },
    takeHead(next, now) {
      head = next;
      line.extendTo(next.tail);
      outlook.note(now);
    },
    load(entries, upToTicket) {
      let next = live.readTo() + 1;
      eachWaiting(entries, (ticket, consumer, aheadAtEntry) => {
        // Tickets are dense, so one that is missing between two that wait has been given up or used already.
        for (; next < ticket; next++) line.depart([placeOf(next)]);
        const place = placeOf(ticket);
        line.joinWords(place, consumer, place === ticket ? aheadAtEntry : place - 1);
        next = Math.max(next, ticket + 1);
      });
      for (; next <= upToTicket; next++) line.depart([placeOf(next)]);
      readTo = upToTicket;
    },
    takeJoins(entries, upToTicket, now) {
      eachWaiting(entries, (ticket, consumer, aheadAtEntry) => {
        const place = placeOf(ticket);
        line.joinWords(place, consumer, place === ticket ? aheadAtEntry : place - 1);
        // Who joined elsewhere was there a moment ago, and was told an interval that this node can only guess.
        if (!presence.isPresent(place, now)) presence.hearOf(place, now, longestPollSeconds);
      });
      // A ticket that is missing here has gone under a version that is still to come. Taking it out now would show positions that a node
      // of this very version does not know yet, and that would rise there (I6).
      line.followTo(upToTicket);
    },
    takeChange(change) {
      version = change.version;
      asides.forget(change.tickets);
      const changed = change.tickets.map(placeOf);
      if (change.kind === "asked") return line.setAside(changed);
      if (change.kind === "returned") return line.takeBack(changed);
      outlook.noteChange(change, placeOf);
      line.depart(changed);
      if (change.kind !== "admitted") grants.forget(change.tickets);
      return undefined;
    },
    restoreAsides(found) {
      line.setAside(found.map(({ ticket }) => placeOf(ticket)));
      line.takeBack(found.filter(({ isBack }) => isBack).map(({ ticket }) => placeOf(ticket)));
      asides.take(found);
    },
    handOver: (entries) => eachWaiting(entries, (ticket, consumer) => line.handOver(placeOf(ticket), consumer)),
    takeAdmissions: grants.take,
  };
  return Object.freeze(live);
}

/** What lets a waiter beyond the horizon live on the shared body; null for whoever is to ask. */
function followOf(live: LiveQueue, { ticket, aheadAtEntry }: Waiter, now: number): FollowShared | null {
  if (ticket <= live.survey(now).horizon) return null;
  const blockSize = blockSizeOf(live.line);
  return { blockSize, departedInBlock: departedInBlock(live.line, ticket, blockSize), aheadAtEntry, statusAfterSeconds };
}

/** How a queue is doing, but for its pace. */
function measure(live: LiveQueue, presence: Presence, now: number): Omit<QueueMetrics, "observedRatePerMinute"> {
  const { id, admitRate } = live.settings();
  const { line } = live;
  const { active, granted, stock } = live.grants();
  let present = 0;
  line.walk((ticket) => {
    if (presence.mayBePresent(ticket, now)) present++;
    return true;
  });
  return {
    queueId: id,
    at: new Date(now).toISOString(),
    state: live.state(now),
    waiting: line.waiting(),
    present,
    activeGrants: active,
    granted,
    stock,
    joined: line.tail(),
    admitRatePerMinute: admitRate,
    estimate: toEstimate(live.waitAt(line.waiting() + 1, now)),
  };
}

/** An early arrival is drawn under its ticket, and can check its place by it afterwards. */
function arrivalOf({ early }: QueueSettings, ticket: number): number | null {
  return early !== null && (early.drawn === null || ticket <= early.drawn) ? ticket : null;
}
