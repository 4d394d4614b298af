import type { EnterQueueAnswer, QueueConsumerState, QueueDisplay } from "@fanfare-io/fanfare-contract";
import { createPoller } from "../../lib/poller.ts";
import { createStore } from "../../lib/store.ts";
import { endpoints } from "../../transport/endpoints.ts";
import { toFanfareError, unexpectedAnswer } from "../../transport/fanfare-error.ts";
import type { MechanismDriver, Seat, SeatContext, Standing } from "../mechanism.ts";
import { blankDisplay, nextShown, turnShown } from "./display.ts";
import { queueFacts } from "./facts.ts";
import { readQueueMemo } from "./memo.ts";
import { paceMs } from "./pace.ts";
import { isQueueState, standingOf } from "./standing.ts";

/** The line: enter, poll, be admitted in turn. */
export const queueMechanism: MechanismDriver = Object.freeze<MechanismDriver>({ type: "queue", open: openSeat });

function openSeat(context: SeatContext): Seat {
  const { experienceId, distributionId: queueId, transport, authorized, platform, emitter } = context;
  let { pollToken, version, state, shown } = readQueueMemo(context.memo);
  let told = context.told;
  let failures = 0;
  let retryAfterSeconds: number | undefined;
  let fresh = false;
  let stopped = false;
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
    context.onMemo();
    for (const [event, payload] of news.facts) emitter.emit(event, payload);
    return standingOf(next);
  };

  /** The cheap token first; where the service does not take it any more, the session itself. */
  const fetchState = async (): Promise<QueueConsumerState> => {
    const call = { endpoint: endpoints.getQueueStatus, id: queueId, attempts: 1, ...(version > 0 && { query: `version=${version}` }) };
    if (pollToken !== null) {
      try {
        return checked(await transport.send({ ...call, authorization: `Poll ${pollToken}` }));
      } catch (error) {
        if (toFanfareError(error).status !== 401) throw error;
        pollToken = null;
      }
    }
    return checked(await authorized.send(call));
  };

  const poller = createPoller(platform.clock, async () => {
    const sentIn = acts;
    try {
      const answer = await fetchState();
      if (stopped) return null;
      if (sentIn === acts) tell(take(answer, false));
    } catch (error) {
      failures++;
      retryAfterSeconds = toFanfareError(error).retryAfterSeconds;
    }
    return pace();
  });
  const pace = (): number | null => paceMs({ state, failures, retryAfterSeconds, visible: platform.visibility.isVisible(), random: platform.random });

  return Object.freeze<Seat>({
    display$,
    async enter() {
      const answer = await authorized.send<EnterQueueAnswer>({ endpoint: endpoints.enterQueue, id: queueId });
      const next = checked(answer);
      acts++;
      if (typeof answer.pollToken === "string") pollToken = answer.pollToken;
      return take(next, true);
    },
    ask: async () => take(await fetchState(), false),
    async leave() {
      const next = checked(await authorized.send({ endpoint: endpoints.leaveQueue, id: queueId }));
      acts++;
      return take(next, false);
    },
    async follow(listener) {
      tell = listener;
      if (!fresh) return poller.now();
      const delayMs = pace();
      if (delayMs !== null) poller.after(delayMs);
    },
    wake: () => void poller.now(),
    memo: () => ({ pollToken, version, state, shown }),
    stop() {
      stopped = true;
      poller.stop();
    },
  });
}

function checked(answer: unknown): QueueConsumerState {
  if (isQueueState(answer)) return answer;
  throw unexpectedAnswer("/queues");
}
