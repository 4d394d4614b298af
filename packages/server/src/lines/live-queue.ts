import type { QueueConsumerState, QueueMetrics, QueueState } from "@fanfare-io/fanfare-contract";
import type { Change, QueueHead } from "../data/line-feed.ts";
import { eachWaiting } from "../data/queue-entries.ts";
import type { QueueKey, WaitingBlock } from "../data/queue-entries.ts";
import { admissionReach, createAttendance, firstPresent } from "../domain/attendance.ts";
import type { Heard, Survey } from "../domain/attendance.ts";
import type { EarlyPlaces } from "../domain/early-order.ts";
import { estimateWait } from "../domain/estimate.ts";
import { createLine } from "../domain/line.ts";
import type { Line } from "../domain/line.ts";
import { createPace } from "../domain/pace.ts";
import { createPresence, longestPollSeconds } from "../domain/presence.ts";
import { admitsWaiters, queueState } from "../domain/queue-settings.ts";
import type { QueueSettings } from "../domain/queue-settings.ts";
import { admittedState, waitingState } from "../domain/standing.ts";
import type { Admission } from "../domain/standing.ts";
import { reorder } from "./reorder.ts";

/** One queue as this node holds it in memory: what status answers are made from without asking the database. */
export interface LiveQueue {
  readonly key: QueueKey;
  /** Who stands where. Its tickets are places: the tickets of the database, but for early arrivals once their places are drawn. */
  readonly line: Line;
  settings(): QueueSettings;
  state(now: number): QueueState;
  /** Changes up to this version are in. */
  version(): number;
  /** Live grants, as far as this node knows. */
  admitted(): number;
  /** Live grants and grants in all, as the counters stood at the last follow. */
  grants(): { readonly active: number; readonly granted: number };
  /** Whether this node knows of a place or a grant of theirs. */
  knows(consumerId: string): boolean;
  /** What a consumer would be told, or null when memory alone cannot say. */
  standingOf(consumerId: string, now: number): QueueConsumerState | null;
  /** The same for a consumer who asks right now, which is noted: asking is what presence is. */
  meet(consumerId: string, now: number): QueueConsumerState | null;
  /** Notes a waiter who has just joined on this node, or asked to. */
  welcome(waiter: { readonly ticket: number; readonly consumerId: string; readonly aheadAtEntry: number }, now: number): void;
  /** The first waiting tickets whose holders are there, as the database numbers them. */
  firstPresent(count: number, now: number): readonly number[];
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
  /** Puts early arrivals in their order. Every ticket that takes part has to have been read. `breathe` is awaited now and then. */
  order(places: EarlyPlaces, breathe: () => Promise<void>): Promise<void>;
  takeHead(head: QueueHead): void;
  /** Takes who waits up to a ticket into a line that nobody has seen yet: tickets between them that do not wait have gone. */
  load(entries: WaitingBlock, upToTicket: number): void;
  /** Takes who joined up to a ticket, lately enough to count as heard of at `now`. */
  takeJoins(entries: WaitingBlock, upToTicket: number, now: number): void;
  takeChange(change: Change): void;
  takeAdmissions(admissions: readonly (Admission & { readonly consumerId: string })[]): void;
}

const surveyEveryMs = 1_000;
// What is told to the other nodes reaches back over three rounds, so that one that reads late misses nobody.
const heardForMs = 3 * surveyEveryMs;

const asTheyCame: EarlyPlaces = Object.freeze({ early: 0, placeOf: (arrival: number) => arrival, arrivalAt: (place: number) => place });

/**
 * Makes the memory of a queue, empty but for its head; `now` is when this node began to listen to it. `places`: the order of early
 * arrivals, where it has been drawn.
 */
export function createLiveQueue(first: QueueHead, now: number, drawn: EarlyPlaces | null = null): LiveQueue {
  let head = first;
  let version = first.version;
  let places = drawn;
  let line = createLine();
  let presence = createPresence(now);
  let attendance = createAttendance(line, presence);
  let readTo = 0;
  const placeOf = (ticket: number): number => (places ?? asTheyCame).placeOf(ticket);
  const ticketAt = (place: number): number => (places ?? asTheyCame).arrivalAt(place);
  let surveyed: { readonly at: number; readonly found: Survey } | null = null;
  const pace = createPace();
  const admissions = new Map<string, Admission>();
  const admittedByTicket = new Map<number, string>();

  const forget = (ticket: number): void => {
    const consumerId = admittedByTicket.get(ticket);
    if (consumerId === undefined) return;
    admittedByTicket.delete(ticket);
    if (admissions.get(consumerId)?.ticket === ticket) admissions.delete(consumerId);
  };

  const live: LiveQueue = {
    key: { organizationId: first.settings.organizationId, queueId: first.settings.id },
    get line() {
      return line;
    },
    settings: () => head.settings,
    state: (now) => queueState(head.settings, head.granted, now),
    version: () => version,
    admitted: () => admissions.size,
    grants: () => ({ active: head.active, granted: head.granted }),
    knows: (consumerId) => admissions.has(consumerId) || line.waiterOf(consumerId) !== undefined,
    standingOf(consumerId, now) {
      const admission = admissions.get(consumerId);
      if (admission !== undefined) return admittedState(admission, now);
      const waiter = line.waiterOf(consumerId);
      if (waiter === undefined) return null;
      return waitingState({
        settings: head.settings,
        state: live.state(now),
        ...waiter,
        arrival: arrivalOf(head.settings, ticketAt(waiter.ticket)),
        position: line.positionOf(waiter.ticket),
        observedRate: pace.perMinute(now),
        version,
        now,
      });
    },
    meet(consumerId, now) {
      const standing = live.standingOf(consumerId, now);
      if (standing?.status === "QUEUED") {
        const waiter = line.waiterOf(consumerId);
        if (waiter !== undefined) presence.see(waiter.ticket, now, standing.pollAfterSeconds);
      }
      return standing;
    },
    welcome({ ticket, consumerId, aheadAtEntry }, now) {
      const place = placeOf(ticket);
      line.join(place, consumerId, place === ticket ? aheadAtEntry : place - 1);
      presence.see(place, now, longestPollSeconds);
    },
    firstPresent: (count, now) => firstPresent(line, presence, count, now).map(ticketAt),
    survey(now) {
      if (surveyed !== null && now - surveyed.at < surveyEveryMs && now >= surveyed.at) return surveyed.found;
      const { admitRate, holdSeconds } = head.settings;
      const options = { reach: admissionReach(admitRate), holdMs: holdSeconds * 1000, moving: admitsWaiters(live.state(now)), heardSince: now - heardForMs };
      const found = attendance.survey(now, options);
      const heard = { ...found.heard, tickets: found.heard.tickets.map(ticketAt) };
      surveyed = { at: now, found: { ...found, overdue: found.overdue.map(ticketAt), heard } };
      return surveyed.found;
    },
    metrics(now) {
      const { settings } = head;
      const state = live.state(now);
      const observedRate = pace.perMinute(now);
      let present = 0;
      line.walk((ticket) => {
        if (presence.mayBePresent(ticket, now)) present++;
        return true;
      });
      return {
        queueId: settings.id,
        at: new Date(now).toISOString(),
        state,
        waiting: line.waiting(),
        present,
        activeGrants: head.active,
        granted: head.granted,
        joined: line.tail(),
        admitRatePerMinute: settings.admitRate,
        observedRatePerMinute: observedRate,
        estimate: admitsWaiters(state) ? estimateWait({ ...settings, position: line.waiting() + 1, observedRate }) : null,
      };
    },
    hearOf({ tickets, pollAfter }, now) {
      tickets.forEach((ticket, index) => {
        if (ticket <= line.tail()) presence.hearOf(placeOf(ticket), now, pollAfter[index] ?? longestPollSeconds);
      });
    },
    readTo: () => Math.max(readTo, line.followedTo()),
    isOrdered: () => head.settings.early === null || places !== null,
    async order(next, breathe) {
      const reordered = await reorder(line, presence, next, breathe);
      // From here on in one turn: nobody may see the new places with the old order, or the other way round.
      [line, presence, places, surveyed] = [reordered.line, reordered.presence, next, null];
      attendance = createAttendance(line, presence);
    },
    takeHead(next) {
      head = next;
      line.extendTo(next.tail);
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
      const before = line.departed();
      line.depart(change.tickets.map(placeOf));
      const admitted = line.departed() - before;
      // A grant that a shop gave back is told as admitted again; it says nothing about the pace.
      if (change.kind === "admitted" && admitted > 0) pace.note(change.at.getTime(), admitted, line.waiting());
      if (change.kind !== "admitted") for (const ticket of change.tickets) forget(ticket);
      version = change.version;
    },
    takeAdmissions(rows) {
      for (const row of rows) {
        admissions.set(row.consumerId, row);
        admittedByTicket.set(row.ticket, row.consumerId);
      }
    },
  };
  return Object.freeze(live);
}

/** An early arrival is drawn under its ticket, and can check its place by it afterwards. */
function arrivalOf({ early }: QueueSettings, ticket: number): number | null {
  return early !== null && (early.drawn === null || ticket <= early.drawn) ? ticket : null;
}
