import type { AccessCodeSubmitResult, ExtendedGrant, JourneyHandle } from "@fanfare-io/fanfare-contract";
import { ignore } from "../lib/ignore.ts";
import { createMailbox } from "../lib/mailbox.ts";
import { createSingleFlight } from "../lib/single-flight.ts";
import { endpoints } from "../transport/endpoints.ts";
import { toFanfareError } from "../transport/fanfare-error.ts";
import type { JourneyContext } from "./journey-context.ts";
import { createModel } from "./model.ts";
import { createNews } from "./news.ts";
import type { ParticipationRecord } from "./participations.ts";
import { createRecords } from "./records.ts";
import { createRouting } from "./routing.ts";
import { createSeating } from "./seating.ts";
import { takesPart } from "./state.ts";
import type { JourneyState } from "./state.ts";
import type { JourneyActions } from "./view.ts";

/** A journey with its engine room. Its rules are in SPEC.md. */
export interface Runner {
  readonly handle: JourneyHandle;
  /** Goes on with what is remembered; resolves when the service has answered, or could not. */
  resume(record: ParticipationRecord): Promise<void>;
  /** The session of this tab has ended or become somebody else's. */
  sessionEnded(): void;
  /** Somebody is authenticated now. */
  sessionBegan(): void;
  /** Whoever was a guest has proved who they are. */
  sessionSucceeded(): void;
  wake(): void;
  destroy(): void;
}

/** Creates the journey of one experience, `ready`; sends nothing before `start` or `resume`. The shopper's acts go through a mailbox, one after the other. */
export function createRunner(experienceId: string, context: JourneyContext): Runner {
  const post = createMailbox();
  const flights = {
    start: createSingleFlight<void>(),
    enter: createSingleFlight<void>(),
    leave: createSingleFlight<void>(),
    extend: createSingleFlight<void>(),
  };
  const news = createNews(context.platform.clock.now, context.report);

  const enter = async (): Promise<void> => {
    const state = model.state();
    if (destroyed || state.stage !== "routed" || state.now.phase !== "enterable" || !state.place) return;
    if (!context.session()) {
      if (!context.autoGuest)
        return model.apply({ type: "session_required", gates: [{ type: "authentication", reason: "A session is needed to take part." }] });
      await context.guest();
    }
    const era = seating.era();
    const stay = seating.open(state.place);
    const standing = await stay?.enter(routing.accessCode());
    if (stay && standing && era === seating.era()) seating.take(stay, standing);
  };
  const tryEnter = (): Promise<void> =>
    model.attempt(enter).catch((error: unknown) => {
      const { code, message } = toFanfareError(error);
      // What the page offers is not so any more: the service knows what is.
      if (["QUEUE_NOT_OPEN", "DRAW_NOT_OPEN", "AUTHENTICATION_REQUIRED", "ACCESS_CODE_REQUIRED"].includes(code)) routeInBackground();
      else news.tell("error", "error", message);
      throw error;
    });
  const leave = async (): Promise<void> => {
    const stay = seating.taken();
    if (!stay || !takesPart(model.state())) return;
    seating.dropRival();
    const standing = await stay.leave();
    if (seating.taken() === stay) seating.settle(standing);
  };
  const extend = async (): Promise<void> => {
    const stay = seating.taken();
    if (!stay) return;
    const { expiresAt, extension } = await context.authorized.send<ExtendedGrant>({
      endpoint: endpoints.extendGrant,
      // A lost answer may have been a yes: asked again by itself, it would use up the shopper's next one.
      attempts: 1,
      body: { distributionId: stay.place.distributionId },
    });
    if (seating.taken() === stay) model.apply({ type: "extended", expiresAt, ...(extension && { extension }) });
    stay.wake();
  };
  const submitAccessCode = async (code: string): Promise<AccessCodeSubmitResult> => {
    const before = sequenceIdOf(model.state());
    await routing.route("silent", code);
    const after = sequenceIdOf(model.state());
    if (model.state().stage === "gated") return { outcome: "gated" };
    if (after === null || after === before) return { outcome: "unchanged" };
    news.tell("reroute", "info", "Your access code opened another way in.");
    return { outcome: "advanced", sequenceId: after };
  };

  const actions: JourneyActions = Object.freeze<JourneyActions>({
    start: (options) => flights.start(() => post(() => (model.state().stage === "ready" ? routing.route("shown", options?.accessCode) : undefined))),
    reroute: (options) => post(() => routing.route("shown", options?.accessCode)),
    retry: () => post(() => routing.route("shown")),
    submitAccessCode: (code) => post(() => submitAccessCode(code)),
    enter: () => flights.enter(() => post(tryEnter)),
    leave: () => flights.leave(() => post(() => model.attempt(leave))),
    extend: () => flights.extend(() => post(() => model.attempt(extend))),
  });
  const recordsOf = createRecords(context);
  const model = createModel(experienceId, { actions, report: context.report, recordsOf, onChange: () => routing.plan() });
  const seating = createSeating(experienceId, context, model, news);
  const routeInBackground = (): void =>
    void post(() => routing.route("silent")).catch(() => {
      ignore("the error is in the snapshot; a journey that waits for an opening asks again");
      routing.plan();
    });
  const routing = createRouting(experienceId, context, model, seating, routeInBackground);
  let destroyed = false;
  /** Whether the session that ended last ended in a place. */
  let wasIn = false;

  return Object.freeze<Runner>({
    handle: Object.freeze<JourneyHandle>({
      experienceId,
      view$: model.view$,
      snapshot$: model.snapshot$,
      events$: news.events$,
      latestEvent$: news.latestEvent$,
      ackEvent: news.ack,
    }),
    resume: (record) => post(() => (destroyed ? undefined : seating.takeUp(record))),
    sessionEnded() {
      wasIn = takesPart(model.state());
      seating.clear();
      routing.forget();
      model.apply({ type: "session_ended" });
    },
    sessionBegan() {
      const state = model.state();
      const session = context.session();
      // An operator put them into the line again, as the guest that they were.
      const isBack = wasIn && session && "unlinked" in session;
      const isGated = state.stage === "gated" && state.gates.some(({ type }) => type === "authentication");
      // Whoever is known may have a place from another device, and ways in that nobody else has.
      if (isBack || isGated || (state.stage === "routed" && session?.type === "authenticated")) routeInBackground();
    },
    sessionSucceeded() {
      seating.each((stay) => stay.renew());
      // They may have a place already that this device knows nothing of, and ways in that guests do not have.
      if (!["ready", "routing"].includes(model.state().stage)) routeInBackground();
    },
    wake() {
      seating.each((stay) => stay.wake());
      routing.plan();
    },
    destroy() {
      destroyed = true;
      model.freeze();
      seating.clear();
      routing.stop();
    },
  });
}

function sequenceIdOf(state: JourneyState): string | null {
  return state.stage === "routed" ? (state.place?.sequenceId ?? null) : null;
}
