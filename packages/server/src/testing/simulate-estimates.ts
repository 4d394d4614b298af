import { freshBucket, planAdmission } from "../domain/admission.ts";
import { createForecast } from "../domain/forecast.ts";
import { createLine } from "../domain/line.ts";

/** A launch to estimate waits in. Rates are consumers per minute, times seconds. */
export interface EstimateScenario {
  readonly name: string;
  /** Seconds at which somebody arrives, in order. */
  readonly arrivals: (random: () => number) => readonly number[];
  readonly admitRate: number;
  readonly capacity: number | null;
  readonly admissionExpirationSeconds: number;
  /** How long a shopper uses a slot, drawn for each at the time they are let in. */
  readonly slotSeconds: (random: () => number, at: number) => number;
  /** How many of those who wait are lost within a minute, as a rate: half of them say so, half are just not there. */
  readonly lostPerMinute: number;
}

/** One estimate that somebody was told, and what became of it. Seconds. */
export interface Told {
  readonly at: number;
  readonly expected: number;
  readonly low: number;
  readonly high: number;
  readonly actual: number;
}

const tickSeconds = 0.5;
/** Everybody reads an estimate this often. */
const toldEverySeconds = 30;
/** One in so many people is followed. */
const followed = 50;

interface Waiter {
  readonly ticket: number;
  readonly lostAt: number;
  readonly says: boolean;
  told: { readonly at: number; readonly expected: number; readonly low: number; readonly high: number }[];
}

/** Plays a launch with the service's own decisions, and returns every estimate that somebody followed was told, with the wait that came. */
export function simulateEstimates(scenario: EstimateScenario, random: () => number): readonly Told[] {
  const line = createLine();
  const forecast = createForecast(() => line);
  const waiters: Waiter[] = [];
  const leavings = createAgenda<number>();
  const checkouts = createAgenda<number>();
  const results: Told[] = [];
  const arrivals = scenario.arrivals(random);
  let bucket = freshBucket;
  let [next, active, granted, front, lowest, nextTold] = [0, 0, 0, 0, 0, 0];
  const gone = new Set<number>();

  const note = (at: number): void => forecast.note(at * 1000, { ...scenario, moving: true, waiting: line.waiting(), active }, scenario);

  for (let now = 0; next < arrivals.length || line.waiting() > gone.size; now += tickSeconds) {
    while ((arrivals[next] ?? Infinity) <= now) {
      const ticket = ++next;
      line.join(ticket, consumerOf(ticket), 0);
      const lostAt = scenario.lostPerMinute > 0 ? now - (Math.log(1 - random()) / scenario.lostPerMinute) * 60 : Infinity;
      const waiter = { ticket, lostAt, says: random() < 0.5, told: [] };
      waiters.push(waiter);
      if (waiter.says && lostAt < Infinity) leavings.add(lostAt, ticket);
    }
    for (const ticket of leavings.due(now)) {
      if (gone.has(ticket)) continue;
      line.depart([ticket]);
      forecast.left(now * 1000, 1);
    }
    const ended = checkouts.due(now);
    active -= ended.length;
    forecast.ended(now * 1000, ended);
    const plan = planAdmission({ bucket, ...scenario, maxAdmissions: null, stock: null, active, granted }, now * 1000);
    const tickets: number[] = [];
    if (plan.count > 0) {
      line.walk((ticket) => {
        const waiter = waiters[ticket - 1];
        if (waiter === undefined) return false;
        if (now < waiter.lostAt) tickets.push(ticket);
        else gone.add(ticket);
        return tickets.length < plan.count;
      });
    }
    bucket = plan.after(tickets.length);
    for (const ticket of tickets) {
      const waiter = waiters[ticket - 1];
      for (const { at, ...told } of waiter?.told ?? []) results.push({ at, ...told, actual: now - at });
      const used = Math.min(scenario.admissionExpirationSeconds, scenario.slotSeconds(random, now));
      checkouts.add(now + used, used * 1000);
    }
    if (tickets.length > 0) {
      forecast.admitted(now * 1000, tickets);
      line.depart(tickets);
      front = Math.max(front, ...tickets);
      active += tickets.length;
      granted += tickets.length;
    }
    note(now);
    if (now >= nextTold) {
      nextTold = now + toldEverySeconds;
      tell(now);
    }
    if (now > 48 * 3600) throw new Error(`${scenario.name} does not end.`);
  }
  return results;

  function tell(now: number): void {
    while (lowest < waiters.length && (waiters[lowest]?.ticket ?? 0) < front) lowest++;
    for (let index = lowest; index < waiters.length; index++) {
      const waiter = waiters[index];
      if (waiter === undefined || waiter.ticket % followed !== 0 || now >= waiter.lostAt) continue;
      const wait = forecast.waitAt(line.positionOf(waiter.ticket), scenario, now * 1000);
      if (wait !== null) waiter.told.push({ at: now, expected: wait.expected, low: wait.low, high: wait.high });
    }
  }
}

function consumerOf(ticket: number): string {
  return `019ab000-0000-7000-8000-${ticket.toString(16).padStart(12, "0")}`;
}

/** What falls due when; a binary heap. */
function createAgenda<T>(): { add(at: number, what: T): void; due(now: number): readonly T[] } {
  const heap: { readonly at: number; readonly what: T }[] = [];
  const at = (index: number): number => heap[index]?.at ?? Infinity;
  const swap = (a: number, b: number): void => void ([heap[a], heap[b]] = [heap[b] as (typeof heap)[0], heap[a] as (typeof heap)[0]]);
  const take = (): T => {
    const { what } = heap[0] as (typeof heap)[0];
    const tail = heap.pop() as (typeof heap)[0];
    if (heap.length > 0) heap[0] = tail;
    for (let index = 0; ;) {
      const child = at(2 * index + 1) <= at(2 * index + 2) ? 2 * index + 1 : 2 * index + 2;
      if (at(child) >= at(index)) return what;
      swap(index, child);
      index = child;
    }
  };
  return {
    add(when, what) {
      heap.push({ at: when, what });
      for (let index = heap.length - 1; index > 0 && at((index - 1) >> 1) > at(index); index = (index - 1) >> 1) swap(index, (index - 1) >> 1);
    },
    due(now) {
      const found: T[] = [];
      while (at(0) <= now) found.push(take());
      return found;
    },
  };
}
