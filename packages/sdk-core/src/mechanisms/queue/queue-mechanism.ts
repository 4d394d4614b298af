import type { EnterQueueAnswer, QueueConsumerState, QueueDisplay } from "@fanfare-io/fanfare-contract";
import { createPoller } from "../../lib/poller.ts";
import { createStore } from "../../lib/store.ts";
import { toFanfareError } from "../../transport/fanfare-error.ts";
import { checkedState, createAsking } from "./asking.ts";
import type { MechanismDriver, Seat, SeatContext, Standing } from "../mechanism.ts";
import { blankDisplay, nextShown, turnShown } from "./display.ts";
import { queueEndpoints } from "./endpoints.ts";
import { queueFacts } from "./facts.ts";
import { readQueueMemo } from "./memo.ts";
import { paceMs } from "./pace.ts";
import { standingOf } from "./standing.ts";

/** The line: enter, poll, be admitted in turn. */
export const queueMechanism: MechanismDriver = Object.freeze<MechanismDriver>({ type: "queue", open: openSeat });

function openSeat(context: SeatContext): Seat {
  const { experienceId, distributionId: queueId, transport, authorized, platform, emitter } = context;
  const memo = readQueueMemo(context.memo);
  let { version, state, shown } = memo;
  const asking = createAsking({
    ...{ queueId, transport, authorized, platform, pollToken: memo.pollToken },
    onNews(news, now) {
      if (stopped) return;
      if (news) tell(take(news, false));
      else if (now) void poller.now();
      else rest();
    },
  });
  let told = context.told;
  let failures = 0;
  let retryAfterSeconds: number | undefined;
  let fresh = false;
  let stopped = false;
  let answering = false;
  /** Grows with the answers to the shopper's own acts: a poll that was sent before one of them is older news. */
  let acts = 0;
  let tell: (standing: Standing) => void = () => {};
  const display$ = createStore<QueueDisplay>(shown?.display ?? blankDisplay(instant()), context.report);

  function instant(): string {
    return new Date(platform.clock.now()).toISOString();
  }

  /** Takes an answer in: display first, then events, so that listeners find the page up to date. */
  const take = (next: QueueConsumerState, entering: boolean): Standing => {
    if (stopped) return standingOf(next);
    const before = display$.get();
    state = next;
    fresh = true;
    failures = 0;
    if (next.status === "QUEUED") {
      version = Math.max(version, next.version);
      shown = nextShown(entering && told === null ? null : shown, next, instant());
      display$.set(shown.display);
    } else if (next.status === "ADMITTED") {
      display$.set(turnShown(shown, instant()));
    }
    const news = queueFacts({ told, state: next, entering, before, after: display$.get(), ids: { queueId, experienceId } });
    told = news.told;
    // Of a place that is gone nothing is kept: two tabs would find it in each other's records for ever.
    if (next.status === "QUEUED" || next.status === "ADMITTED") context.onMemo();
    if (next.status === "QUEUED" && next.check && !answering) void answer();
    for (const [event, payload] of news.facts) emitter.emit(event, payload);
    return standingOf(next);
  };

  /** What is asked in the middle of a wait is answered as at its beginning: the transport does the work. What fails is asked for again with the next poll. */
  const answer = async (): Promise<void> => {
    answering = true;
    try {
      tell(await enter(false));
    } catch (error) {
      retryAfterSeconds = toFanfareError(error).retryAfterSeconds;
    }
    answering = false;
  };
  const enter = async (entering: boolean, accessCode?: string): Promise<Standing> => {
    const found = await authorized.send<EnterQueueAnswer>({ endpoint: queueEndpoints.enterQueue, id: queueId, body: { accessCode } });
    const next = checkedState(found);
    acts++;
    asking.told(next);
    if (typeof found.pollToken === "string") asking.keepToken(found.pollToken);
    return take(next, entering);
  };

  const poller = createPoller(platform.clock, async () => {
    const sentIn = acts;
    try {
      const answer = await asking.cheapest(version);
      if (stopped) return null;
      if (sentIn === acts) tell(take(answer, false));
    } catch (error) {
      failures++;
      retryAfterSeconds = toFanfareError(error).retryAfterSeconds;
    }
    return asking.isTold() ? null : pace();
  });
  const rest = (): void => {
    const delayMs = pace();
    if (delayMs !== null) poller.after(delayMs);
  };
  const pace = (): number | null => {
    const { visibility, random } = platform;
    return paceMs({ state, failures, retryAfterSeconds, visible: visibility.isVisible(), scatter: asking.beginsToFollow(), called: asking.isCalled(), random });
  };

  return Object.freeze<Seat>({
    display$,
    enter: (accessCode) => enter(true, accessCode),
    ask: async () => take(await asking.own(version), false),
    async leave() {
      // What was on its way before this is no news after it.
      asking.hush();
      const next = checkedState(await authorized.send({ endpoint: queueEndpoints.leaveQueue, id: queueId }));
      acts++;
      return take(next, false);
    },
    async follow(listener) {
      tell = listener;
      if (!fresh) return poller.now();
      if (!asking.isTold()) rest();
    },
    wake: () => void poller.now(),
    renew() {
      acts++;
      asking.forget();
      poller.again();
    },
    memo: () => ({ pollToken: asking.token(), version, state, shown }),
    stop() {
      stopped = true;
      asking.hush();
      poller.stop();
    },
  });
}
