import type { EnterQueueAnswer, PublicQueue, QueueConsumerState, TokenResponse } from "@fanfare-io/fanfare-contract";
import type { Crowd } from "../crowd.ts";
import type { Recorder } from "../recorder.ts";
import { followedPlace, readShared } from "../shared-place.ts";
import type { FollowedPlace } from "../shared-place.ts";
import type { SeededRandom } from "../random.ts";
import type { LiveService } from "./service.ts";
import { Refusal } from "./service.ts";

/** Everybody's way through a live launch. */
export interface LiveVisits {
  /** The shopper comes: becomes a guest and joins. Never rejects. */
  arrive(shopper: number): Promise<void>;
  /** What the shopper does when their time has come. Never rejects. */
  act(shopper: number): Promise<void>;
  underway(): number;
  over(): number;
  /** Grants on which two orders were tried at once, and how many were sold twice. */
  readonly twice: { tried: number; sold: number };
}

/** What a live visit remembers. */
interface Visit {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly pollToken: string;
  readonly version: number;
  readonly redemptionId: string | null;
  /** Where the shopper is so far from their turn that they follow the shared body. */
  readonly place: FollowedPlace | null;
}

export interface LiveVisitsDeps {
  readonly crowd: Crowd;
  readonly service: LiveService;
  readonly recorder: Recorder;
  readonly random: SeededRandom;
  /** The shared body, from the cache that the crowd looks at. */
  readonly shared: () => Promise<PublicQueue>;
  /** Milliseconds of the rehearsal. */
  readonly now: () => number;
  /** An instant that the service named, in milliseconds of the rehearsal. */
  readonly ours: (instant: string) => number;
  /** Makes order ids that no earlier rehearsal used. */
  readonly orderId: (shopper: number) => string;
}

const mostFailures = 12;
// Who tries two orders on one grant, to see that one of them is refused.
const triesTwice = 50;

/** Walks shoppers through their habits against a running service, as the SDK would: ask when told to, a tenth earlier or later. */
export function createLiveVisits(deps: LiveVisitsDeps): LiveVisits {
  const { crowd, service, recorder, random, now } = deps;
  const guests = new Map<number, TokenResponse>();
  const visits = new Map<number, Visit>();
  const failures = new Map<number, number>();
  const leavesAt = new Map<number, number>();
  const absentAt = new Map<number, number>();
  const twice = { tried: 0, sold: 0 };
  let begun = 0;
  let over = 0;

  function end(shopper: number, outcome: "completed" | "expired" | "left" | "denied" | "failed"): void {
    visits.delete(shopper);
    over++;
    recorder.ended(shopper, now(), outcome);
  }

  /** A refusal is waited out as the service asks; who is refused again and again gives up. */
  async function bravely(shopper: number, work: () => Promise<void>): Promise<void> {
    try {
      await work();
      failures.delete(shopper);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const count = (failures.get(shopper) ?? 0) + 1;
      failures.set(shopper, count);
      if (count > mostFailures) return end(shopper, "failed");
      const least = error.retryAfterSeconds ?? 1;
      crowd.appoint(shopper, now() + 1000 * Math.min(60, least + random.between(0, Math.min(30, 2 ** Math.min(count, 5)))));
    }
  }

  async function join(shopper: number): Promise<void> {
    // Whoever was refused at the line is a guest already.
    const guest = guests.get(shopper) ?? (await service.guest());
    guests.set(shopper, guest);
    const { accessToken, refreshToken } = guest;
    const askedAt = now();
    const answer = await service.enter(accessToken);
    guests.delete(shopper);
    visits.set(shopper, { accessToken, refreshToken, pollToken: answer.pollToken, version: 0, redemptionId: null, place: null });
    recorder.entered(shopper, askedAt, now(), ticketOf(answer));
    const { patienceMs, absentAfterMs } = crowd.habits(shopper);
    if (patienceMs !== Infinity) leavesAt.set(shopper, now() + patienceMs);
    if (absentAfterMs !== Infinity) absentAt.set(shopper, now() + absentAfterMs);
    await take(shopper, answer);
  }

  async function take(shopper: number, state: QueueConsumerState): Promise<void> {
    switch (state.status) {
      case "QUEUED": {
        recorder.told(shopper, now(), state);
        const visit = visits.get(shopper);
        const place = followedPlace(state, now());
        if (visit !== undefined) visits.set(shopper, { ...visit, version: Math.max(visit.version, state.version), place });
        // Whoever joined together and begins to follow must not go on asking together.
        return askAgain(shopper, state.pollAfterSeconds * (place === null ? random.between(0.9, 1.1) : random.between(0.4, 1)));
      }
      case "ADMITTED":
        recorder.admitted(shopper, deps.ours(state.admittedAt), now());
        return shop(shopper);
      case "DENIED":
        return end(shopper, "denied");
      case "COMPLETED":
        return end(shopper, "completed");
      default:
        return end(shopper, "expired");
    }
  }

  function askAgain(shopper: number, seconds: number): void {
    crowd.appoint(shopper, Math.min(now() + seconds * 1000, leavesAt.get(shopper) ?? Infinity));
  }

  /** Whether the shared body had news of the shopper's place. */
  async function look(shopper: number, visit: Visit, place: FollowedPlace): Promise<boolean> {
    const news = readShared(place, await deps.shared(), now());
    if (news === null) return false;
    recorder.told(shopper, now(), news);
    const { position, version } = news;
    visits.set(shopper, { ...visit, version: Math.max(visit.version, version), place: news.isNearNext ? null : { ...place, position, version } });
    askAgain(shopper, news.pollAfterSeconds * random.between(0.9, 1.1));
    return true;
  }

  async function shop(shopper: number): Promise<void> {
    const { buys, shoppingMs } = crowd.habits(shopper);
    const visit = visits.get(shopper);
    // Whoever does not buy keeps their slot until it runs out, and is not waited for.
    if (!buys || visit === undefined) return end(shopper, "expired");
    const { token } = await renewing(shopper, (accessToken) => service.present(accessToken));
    const { redemptionId } = await service.validate(token);
    visits.set(shopper, { ...visit, redemptionId });
    crowd.appoint(shopper, now() + shoppingMs);
  }

  async function pay(shopper: number, redemptionId: string): Promise<void> {
    recorder.leaving(shopper, now());
    const orderId = deps.orderId(shopper);
    if (shopper % triesTwice !== 0) await service.complete(redemptionId, orderId);
    else {
      const tried = await Promise.allSettled([service.complete(redemptionId, orderId), service.complete(redemptionId, `${orderId}-again`)]);
      const sold = tried.filter(({ status }) => status === "fulfilled").length;
      // Nobody answered: asking again with the first order tells what became of it.
      if (sold === 0) await service.complete(redemptionId, orderId);
      twice.tried++;
      if (sold > 1) twice.sold++;
    }
    end(shopper, "completed");
  }

  /** With a fresh access token where the old one has run out. */
  async function renewing<Answer>(shopper: number, ask: (accessToken: string) => Promise<Answer>): Promise<Answer> {
    const visit = visits.get(shopper) as Visit;
    try {
      return await ask(visit.accessToken);
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== "invalid_access_token") throw error;
      const { accessToken, refreshToken } = await service.refresh(visit.refreshToken);
      visits.set(shopper, { ...visit, accessToken, refreshToken });
      return ask(accessToken);
    }
  }

  async function act(shopper: number): Promise<void> {
    const visit = visits.get(shopper);
    if (visit === undefined) return join(shopper);
    if (visit.redemptionId !== null) return pay(shopper, visit.redemptionId);
    if (now() >= (absentAt.get(shopper) ?? Infinity)) {
      absentAt.delete(shopper);
      return crowd.appoint(shopper, now() + crowd.habits(shopper).absentForMs);
    }
    if (now() >= (leavesAt.get(shopper) ?? Infinity)) {
      await renewing(shopper, (accessToken) => service.leave(accessToken));
      return end(shopper, "left");
    }
    if (visit.place !== null && (await look(shopper, visit, visit.place))) return;
    await take(shopper, await service.status(visit.pollToken, visit.version));
  }

  return Object.freeze<LiveVisits>({
    arrive(shopper) {
      begun++;
      recorder.arrived(now());
      return bravely(shopper, () => join(shopper));
    },
    act: (shopper) => bravely(shopper, () => act(shopper)),
    underway: () => begun - over,
    over: () => over,
    twice,
  });
}

function ticketOf(answer: EnterQueueAnswer): number | null {
  return answer.status === "QUEUED" ? answer.ticket : null;
}
