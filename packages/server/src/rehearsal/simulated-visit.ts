import { holdGraceSeconds } from "../domain/grant.ts";
import type { SeededRandom } from "./random.ts";
import type { Recorder } from "./recorder.ts";
import { followedPlace, readShared } from "./shared-place.ts";
import type { FollowedPlace } from "./shared-place.ts";
import { createVisitNotes, noted } from "./visit-notes.ts";
import type { Crowd } from "./crowd.ts";
import type { SimulatedService } from "./simulated-service.ts";

/** Everybody's way through a simulated launch. */
export interface SimulatedVisits {
  /** Joins those who come in this tick. */
  arrive(newcomers: readonly number[], now: number): void;
  /** What a shopper does when their time has come: ask, go away, come back, leave, pay. */
  act(shopper: number, now: number): void;
  /** Visits that have begun and are not over. */
  underway(): number;
  over(): number;
}

const checkoutMs = 900_000;
/** A page that gets no answer asks again after about so long. */
const retryMs = 1_000;

/** Walks shoppers through their habits, as a browser would: ask when told to, a tenth earlier or later. */
export function createSimulatedVisits(deps: {
  readonly crowd: Crowd;
  readonly service: SimulatedService;
  readonly recorder: Recorder;
  readonly random: SeededRandom;
}): SimulatedVisits {
  const { crowd, service, recorder, random } = deps;
  const notes = createVisitNotes(recorder.recording.seen.enteredAt.length);
  let begun = 0;
  let over = 0;

  function end(shopper: number, now: number, outcome: "completed" | "expired" | "left" | "denied"): void {
    over++;
    recorder.ended(shopper, now, outcome);
  }

  function arrive(newcomers: readonly number[], now: number): void {
    if (newcomers.length === 0) return;
    for (const _each of newcomers) recorder.arrived(now);
    begun += newcomers.length;
    join(newcomers, now);
  }

  function join(shoppers: readonly number[], now: number): void {
    const tickets = service.join(shoppers, now);
    shoppers.forEach((shopper, index) => {
      const ticket = tickets[index];
      if (ticket === undefined) return crowd.appoint(shopper, now + retryMs);
      const { patienceMs, absentAfterMs } = crowd.habits(shopper);
      notes.set(shopper, noted.enteredAt, now);
      notes.set(shopper, noted.leavesAt, now + patienceMs);
      notes.set(shopper, noted.absentAt, now + absentAfterMs);
      recorder.entered(shopper, now, now, ticket);
      ask(shopper, now);
    });
  }

  function act(shopper: number, now: number): void {
    if (Number.isNaN(notes.get(shopper, noted.enteredAt))) join([shopper], now);
    else if (!Number.isNaN(notes.get(shopper, noted.paysAt))) pay(shopper, now);
    else if (now >= notes.get(shopper, noted.absentAt)) {
      notes.set(shopper, noted.absentAt, Infinity);
      crowd.appoint(shopper, now + crowd.habits(shopper).absentForMs);
    } else if (now >= notes.get(shopper, noted.leavesAt) && service.isWaiting(shopper)) {
      service.leave(shopper, now);
      end(shopper, now, "left");
    } else ask(shopper, now);
  }

  /** Whether the shared body had news of the shopper's place. */
  function look(shopper: number, place: FollowedPlace, now: number): boolean {
    const body = service.sharedBody(now);
    recorder.looked(now);
    const news = body === null ? null : readShared(place, body, now);
    if (news === null || news.isNearNext) notes.unfollow(shopper);
    else notes.follow(shopper, { ...place, position: news.position, version: news.version });
    if (news === null) return false;
    recorder.told(shopper, now, news);
    crowd.appoint(shopper, Math.min(now + news.pollAfterSeconds * 1000 * random.between(0.9, 1.1), notes.get(shopper, noted.leavesAt)));
    return true;
  }

  function ask(shopper: number, now: number): void {
    const place = notes.place(shopper);
    if (place !== null && look(shopper, place, now)) return;
    const seenVersion = notes.get(shopper, noted.seenVersion);
    const standing = service.ask(shopper, seenVersion);
    recorder.asked(now, standing === null);
    if (standing === null) return crowd.appoint(shopper, now + retryMs);
    switch (standing.status) {
      case "QUEUED":
        notes.set(shopper, noted.seenVersion, Math.max(seenVersion, standing.version));
        recorder.told(shopper, now, standing);
        return crowd.appoint(shopper, Math.min(now + standing.pollAfterSeconds * 1000 * jitter(shopper, standing, now), notes.get(shopper, noted.leavesAt)));
      case "ADMITTED":
        return shop(shopper, now);
      case "DENIED":
        return end(shopper, now, "denied");
      default:
        return end(shopper, now, "expired");
    }
  }

  /** Whoever joined together and begins to follow must not go on asking together. */
  function jitter(shopper: number, standing: Parameters<typeof followedPlace>[0], now: number): number {
    const place = followedPlace(standing, now);
    if (place === null) return random.between(0.9, 1.1);
    notes.follow(shopper, place);
    return random.between(0.4, 1);
  }

  function shop(shopper: number, now: number): void {
    const { buys, shoppingMs } = crowd.habits(shopper);
    // Whoever does not buy is not waited for: the service ends their grant by itself.
    if (!buys || !service.hold(shopper, now, checkoutMs)) return void over++;
    const at = now + Math.min(shoppingMs, checkoutMs + holdGraceSeconds * 1000);
    notes.set(shopper, noted.paysAt, at);
    crowd.appoint(shopper, at);
  }

  function pay(shopper: number, now: number): void {
    recorder.leaving(shopper, now);
    end(shopper, now, service.complete(shopper, now) ? "completed" : "expired");
  }

  return Object.freeze<SimulatedVisits>({ arrive, act, underway: () => begun - over, over: () => over });
}
