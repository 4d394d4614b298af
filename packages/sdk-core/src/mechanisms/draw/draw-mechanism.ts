import type { DrawConsumerState, DrawDisplay, EnterDrawAnswer } from "@fanfare-io/fanfare-contract";
import { createAlarm } from "../../lib/alarm.ts";
import { createPoller } from "../../lib/poller.ts";
import { createStore } from "../../lib/store.ts";
import { toFanfareError, unexpectedAnswer } from "../../transport/fanfare-error.ts";
import type { MechanismDriver, Seat, SeatContext, Standing } from "../mechanism.ts";
import { blankDisplay, nextDisplay } from "./display.ts";
import { drawEndpoints } from "./endpoints.ts";
import { drawFacts, toldAfter } from "./facts.ts";
import { isReceipt, readDrawMemo } from "./memo.ts";
import { paceMs } from "./pace.ts";
import { createDrawRecords } from "./records.ts";
import { isDrawState, standingOf } from "./standing.ts";

/** The draw: enter while it is open, wait for the result, buy if drawn. */
export const drawMechanism: MechanismDriver = Object.freeze<MechanismDriver>({ type: "draw", open: openSeat, records: createDrawRecords });

function openSeat(context: SeatContext): Seat {
  const { experienceId, distributionId: drawId, transport, authorized, platform, emitter } = context;
  const memo = readDrawMemo(context.memo);
  let { pollToken, state } = memo;
  let told = context.told === null ? null : (memo.told ?? (context.told === "admitted" ? "WON" : "ENTERED"));
  let receipt = memo.display?.receipt ?? null;
  let failures = 0;
  let retryAfterSeconds: number | undefined;
  let fresh = false;
  let stopped = false;
  /** Grows with the answers to the shopper's own acts: a poll that was sent before one of them is older news. */
  let acts = 0;
  let tell: ((standing: Standing) => void) | null = null;
  const display$ = createStore<DrawDisplay>(memo.display ?? blankDisplay(receipt, instant()), context.report);
  const closing = createAlarm(platform.clock);

  function instant(): string {
    return new Date(platform.clock.now()).toISOString();
  }

  /** Takes an answer in: display first, then events, so that listeners find the page up to date. */
  const take = (next: DrawConsumerState, entering: boolean): Standing => {
    if (stopped) return standingOf(next);
    state = settledBy(next, transport.serverNow());
    fresh = true;
    failures = 0;
    display$.set(nextDisplay(display$.get(), state, receipt, instant()));
    const facts = drawFacts({ told, state, entering, ids: { drawId, experienceId } });
    told = toldAfter(state);
    const standing = standingOf(state);
    // Of a draw that nobody is in nothing is kept: two tabs would find it in each other's records for ever.
    if (standing.kind !== "absent" && standing.kind !== "ended") context.onMemo();
    for (const [event, payload] of facts) emitter.emit(event, payload);
    awaitClose();
    return standing;
  };

  /** The end of the entries needs no question: it was announced, and a million entrants would ask it at once. */
  const awaitClose = (): void => {
    closing.cancel();
    const current = state;
    if (!tell || current?.status !== "ENTERED") return;
    const leftMs = Date.parse(current.closeAt) - transport.serverNow();
    if (leftMs >= 0) closing.set(leftMs, () => tell?.(take(current, false)));
  };

  /** The cheap token first; where the service does not take it any more, the session itself. */
  const fetchState = async (): Promise<DrawConsumerState> => {
    const call = { endpoint: drawEndpoints.getDrawStatus, id: drawId, attempts: 1 };
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

  const pace = (): number | null => paceMs({ state, failures, retryAfterSeconds, random: platform.random });
  const poller = createPoller(platform.clock, async () => {
    const sentIn = acts;
    try {
      const answer = await fetchState();
      if (stopped) return null;
      if (sentIn === acts) tell?.(take(answer, false));
    } catch (error) {
      failures++;
      retryAfterSeconds = toFanfareError(error).retryAfterSeconds;
    }
    return pace();
  });

  return Object.freeze<Seat>({
    display$,
    settles: () => state !== null && standingOf(settledBy(state, transport.serverNow())).kind === "settling",
    async enter(accessCode) {
      const answer = await authorized.send<EnterDrawAnswer>({ endpoint: drawEndpoints.enterDraw, id: drawId, body: { accessCode } });
      const next = checked(answer);
      acts++;
      if (typeof answer.pollToken === "string") pollToken = answer.pollToken;
      if (isReceipt(answer.receipt)) {
        receipt = answer.receipt;
        context.keep(receipt);
      }
      return take(next, true);
    },
    ask: async () => take(await fetchState(), false),
    async leave() {
      const next = checked(await authorized.send({ endpoint: drawEndpoints.leaveDraw, id: drawId }));
      acts++;
      return take(next, false);
    },
    async follow(listener) {
      tell = listener;
      if (!fresh) return poller.now();
      awaitClose();
      const delayMs = pace();
      if (delayMs !== null) poller.after(delayMs);
    },
    wake() {
      // Timers slept with the page: the entries may have closed meanwhile.
      if (fresh && state?.status === "ENTERED") tell?.(take(state, false));
      void poller.now();
    },
    renew() {
      acts++;
      pollToken = null;
      poller.again();
    },
    memo: () => ({ pollToken, state, told, display: display$.get() }),
    stop() {
      stopped = true;
      closing.cancel();
      poller.stop();
    },
  });
}

/** An entry whose announced closing time is over cannot be taken back any more, whenever the service was asked last. */
function settledBy(state: DrawConsumerState, serverNow: number): DrawConsumerState {
  if (state.status !== "ENTERED" || Date.parse(state.closeAt) > serverNow) return state;
  const { closeAt: _over, ...entry } = state;
  return { ...entry, status: "SETTLING" };
}

function checked(answer: unknown): DrawConsumerState {
  if (isDrawState(answer)) return answer;
  throw unexpectedAnswer("/draws");
}
