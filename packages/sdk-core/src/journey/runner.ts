import type {
  AccessCodeSubmitResult,
  Display,
  FanfareErrorShape,
  JourneyHandle,
  JourneySnapshot,
  JourneyView,
  ReadableStore,
  RouteAnswer,
} from "@fanfare-io/fanfare-contract";
import { createAlarm } from "../lib/alarm.ts";
import { ignore } from "../lib/ignore.ts";
import { createMailbox } from "../lib/mailbox.ts";
import { createSingleFlight } from "../lib/single-flight.ts";
import { createStore } from "../lib/store.ts";
import type { Standing } from "../mechanisms/mechanism.ts";
import { endpoints } from "../transport/endpoints.ts";
import { toFanfareError } from "../transport/fanfare-error.ts";
import type { JourneyContext } from "./journey-context.ts";
import { createNews, newsOf } from "./news.ts";
import { createParticipationRun } from "./participation.ts";
import type { ParticipationRun } from "./participation.ts";
import type { ParticipationRecord } from "./participations.ts";
import { chooseOffer, phaseOf, placeOf } from "./plan.ts";
import { readyState, takesPart, transition } from "./state.ts";
import type { JourneyInput, JourneyState, Place, Plan } from "./state.ts";
import { snapshotOf, viewOf } from "./view.ts";
import type { JourneyActions } from "./view.ts";

/** A journey with its engine room. Rules J1 to J25 are in SPEC.md. */
export interface Runner {
  readonly handle: JourneyHandle;
  /** Goes on with what is remembered; resolves when the service has answered, or could not. */
  resume(record: ParticipationRecord): Promise<void>;
  /** The session of this tab has ended or become somebody else's. */
  sessionEnded(): void;
  /** Somebody is authenticated now. */
  sessionBegan(): void;
  wake(): void;
  destroy(): void;
}

/** The crowd that waits for an opening spreads its questions over this. */
const openingSpreadMs = 1_500;
/** An opening that the service does not confirm yet is asked for again after this. */
const openingRetryMs = 2_000;

/** Creates the journey of one experience, `ready`; sends nothing before `start` or `resume`. */
export function createRunner(experienceId: string, context: JourneyContext): Runner {
  const { transport, authorized, platform, report, participations } = context;
  const post = createMailbox();
  const startFlight = createSingleFlight<void>();
  const enterFlight = createSingleFlight<void>();
  const leaveFlight = createSingleFlight<void>();
  const opening = createAlarm(platform.clock);
  const news = createNews(platform.clock.now, report);
  let state: JourneyState = readyState;
  let error: FanfareErrorShape | null = null;
  let accessCode: string | undefined;
  let run: ParticipationRun | null = null;
  /** A stay that was opened and not taken yet: its first answer is on the way. */
  let candidate: ParticipationRun | null = null;
  /** The stay whose grant was told. */
  let granted: ParticipationRun | null = null;
  let display$: ReadableStore<Display> | null = null;
  /** Grows at the session's end: whatever was asked before it belongs to somebody else (J22). */
  let era = 0;
  let destroyed = false;

  const actions: JourneyActions = Object.freeze({
    start: (options?: { readonly accessCode?: string }) =>
      startFlight(() => post(() => (state.stage === "ready" ? route("shown", options?.accessCode) : undefined))),
    reroute: (options?: { readonly accessCode?: string }) => post(() => route("shown", options?.accessCode)),
    retry: () => post(() => route("shown")),
    submitAccessCode: (code: string) => post(() => submitAccessCode(code)),
    enter: () => enterFlight(() => post(enter)),
    leave: () => leaveFlight(() => post(leave)),
  });
  const view$ = createStore<JourneyView>(viewOf(state, actions, null), report);
  const snapshot$ = createStore<JourneySnapshot>(snapshotOf(experienceId, state, null), report);

  const apply = (input: JourneyInput): void => {
    if (destroyed) return;
    const next = transition(state, input);
    if (next === state) return;
    state = next;
    view$.set(viewOf(state, actions, display$));
    snapshot$.set(snapshotOf(experienceId, state, error));
    armOpening();
  };
  const setError = (next: FanfareErrorShape | null): void => {
    if (destroyed || next === error) return;
    error = next;
    snapshot$.set(snapshotOf(experienceId, state, error));
  };

  /** J9: by the service's clock, spread, and again until the service agrees. */
  const armOpening = (): void => {
    opening.cancel();
    if (state.stage !== "routed" || state.now.phase !== "scheduled") return;
    const untilMs = Date.parse(state.now.startsAt) - transport.serverNow();
    const delayMs = (untilMs > 0 ? untilMs : openingRetryMs) + platform.random() * openingSpreadMs;
    opening.set(delayMs, () => void inBackground());
  };
  const inBackground = (): Promise<void> =>
    post(() => route("silent")).catch(() => {
      ignore("the error is in the snapshot; a scheduled journey asks again");
      armOpening();
    });

  /** `shown` passes through the stage `routing`; `silent` keeps what is on the page until the answer is there. */
  const route = async (manner: "shown" | "silent", code?: string): Promise<void> => {
    if (destroyed || takesPart(state)) return;
    const back = state;
    const startedIn = era;
    accessCode = code ?? accessCode;
    setError(null);
    if (manner === "shown") apply({ type: "route_requested" });
    try {
      const body = accessCode === undefined ? {} : { accessCode };
      const answer = await authorized.sendAsWhoever<RouteAnswer>({ endpoint: endpoints.routeExperience, id: experienceId, body });
      const plan = await planOf(answer, startedIn);
      if (plan) apply({ type: "route_answered", plan });
      else apply({ type: "route_failed", back });
    } catch (caught) {
      const failure = toFanfareError(caught);
      setError(failure);
      apply({ type: "route_failed", back: back.stage === "routing" ? readyState : back });
      throw failure;
    }
  };

  /** Null when the answer led straight into a participation. */
  const planOf = async (answer: RouteAnswer, startedIn: number): Promise<Plan | null> => {
    const record = participations.ofExperience(experienceId);
    const choice = chooseOffer(answer, record?.distributionId ?? null);
    if ("plan" in choice) return choice.plan;
    const { offer } = choice;
    const place = placeOf(offer);
    const known = record?.distributionId === place.distributionId ? record : undefined;
    const opened = open(place, known);
    if (!opened) return { stage: "routed", place, now: { phase: "unavailable" } };
    // An upcoming line that this device knows nothing of is not asked about: nobody can be in it yet.
    const asks = context.session() !== null && (known !== undefined || offer.distribution.state !== "upcoming");
    const told: Standing = asks ? await opened.ask() : { kind: "absent" };
    const standing: Standing = startedIn === era && !destroyed ? told : { kind: "absent" };
    if (standing.kind === "waiting" || standing.kind === "granted") {
      sit(opened, standing);
      return null;
    }
    opened.keep(standing);
    opened.stop();
    return { stage: "routed", place, now: phaseOf(offer, standing) };
  };

  const open = (place: Place, record: ParticipationRecord | undefined): ParticipationRun | null => {
    const current = (): boolean => run === opened && !destroyed;
    candidate?.stop();
    const opened: ParticipationRun | null = createParticipationRun({
      context,
      experienceId,
      place,
      record,
      onStanding: (standing) => void (current() && settle(standing)),
      onPresented({ token, expiresAt }) {
        if (current()) apply({ type: "presented", token, expiresAt });
      },
    });
    candidate = opened;
    return opened;
  };

  /** Takes the seat: from here on the journey follows it. */
  const sit = (taken: ParticipationRun, standing: Standing): void => {
    if (run !== taken) run?.stop();
    run = taken;
    candidate = null;
    display$ = taken.display$;
    settle(standing);
    if (run === taken) void taken.follow();
  };

  /** What a standing means for the state; news is told when it is news (J20). */
  const settle = (standing: Standing): void => {
    const seated = run;
    if (!seated) return;
    const before = state;
    if (standing.kind === "waiting" || (standing.kind === "granted" && !takesPart(state))) apply({ type: "joined", place: seated.place });
    seated.keep(standing);
    if (standing.kind === "granted" && granted === seated) return;
    granted = standing.kind === "granted" ? seated : null;
    if (standing.kind === "ended" || standing.kind === "absent") {
      seated.stop();
      run = null;
      // Where the service knows nothing of a place that we held, it was given up elsewhere.
      const { outcome, denyReason } = standing.kind === "ended" ? standing : { outcome: "left" as const, denyReason: undefined };
      apply({ type: "ended", outcome, ...(denyReason !== undefined && { denyReason }) });
    }
    const told = state === before && standing.kind !== "granted" ? null : newsOf(standing);
    if (told) news.tell(...told);
  };
  const enter = async (): Promise<void> => {
    if (destroyed || state.stage !== "routed" || state.now.phase !== "enterable" || !state.place) return;
    const { place } = state;
    setError(null);
    try {
      if (!context.session()) {
        if (!context.autoGuest) return apply({ type: "session_required", gates: [{ type: "authentication", reason: "A session is needed to take part." }] });
        await context.guest();
      }
      const startedIn = era;
      const opened = open(place, undefined);
      const standing = await opened?.enter();
      if (!opened || !standing || startedIn !== era || destroyed) return opened?.stop();
      sit(opened, standing);
    } catch (caught) {
      const failure = toFanfareError(caught);
      setError(failure);
      if (failure.code === "QUEUE_NOT_OPEN") void inBackground();
      else news.tell("error", "error", failure.message);
      throw failure;
    }
  };

  const leave = async (): Promise<void> => {
    const seated = run;
    if (!seated || !takesPart(state)) return;
    setError(null);
    try {
      const standing = await seated.leave();
      if (run === seated) settle(standing);
    } catch (caught) {
      const failure = toFanfareError(caught);
      setError(failure);
      throw failure;
    }
  };

  const submitAccessCode = async (code: string): Promise<AccessCodeSubmitResult> => {
    const before = sequenceIdOf(state);
    await route("silent", code);
    if (state.stage === "gated") return { outcome: "gated" };
    const after = sequenceIdOf(state);
    if (after === null || after === before) return { outcome: "unchanged" };
    news.tell("reroute", "info", "Your access code opened another way in.");
    return { outcome: "advanced", sequenceId: after };
  };

  return Object.freeze<Runner>({
    handle: Object.freeze<JourneyHandle>({ experienceId, view$, snapshot$, events$: news.events$, latestEvent$: news.latestEvent$, ackEvent: news.ack }),
    resume: (record) =>
      post(async () => {
        if (destroyed || run) return;
        const opened = open(record, record);
        if (!opened) return;
        run = opened;
        candidate = null;
        display$ = opened.display$;
        apply({ type: "joined", place: placeFrom(record) });
        if (record.status === "admitted") {
          granted = opened;
          opened.keep({ kind: "granted", expiresAt: "" });
        }
        await opened.follow();
      }),
    sessionEnded() {
      era++;
      run?.stop();
      candidate?.stop();
      run = candidate = granted = null;
      accessCode = undefined;
      apply({ type: "session_ended" });
    },
    sessionBegan() {
      if (state.stage === "gated" && state.gates.some(({ type }) => type === "authentication")) void inBackground();
    },
    wake() {
      run?.wake();
      armOpening();
    },
    destroy() {
      destroyed = true;
      era++;
      run?.stop();
      candidate?.stop();
      opening.cancel();
    },
  });
}

function sequenceIdOf(state: JourneyState): string | null {
  return state.stage === "routed" ? (state.place?.sequenceId ?? null) : null;
}

function placeFrom({ sequenceId, name, mechanism, distributionId }: ParticipationRecord): Place {
  return { sequenceId, name, mechanism, distributionId };
}
