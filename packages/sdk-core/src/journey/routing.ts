import type { RouteAnswer } from "@fanfare-io/fanfare-contract";
import { createAlarm } from "../lib/alarm.ts";
import { endpoints } from "../transport/endpoints.ts";
import type { JourneyContext } from "./journey-context.ts";
import type { JourneyModel } from "./model.ts";
import { betterWay, chooseOffer, phaseOf, placeOf } from "./plan.ts";
import type { Seating } from "./seating.ts";
import { takesPart } from "./state.ts";
import type { Plan } from "./state.ts";

/** Asks the service for the way, and knows when to ask again. */
export interface Routing {
  /**
   * `shown` passes through the stage `routing`; `silent` keeps what is on the page until the answer is there. Takes nothing from whoever takes
   * part (J4): in a line, it looks for a better way beside it (J31).
   */
  route(manner: "shown" | "silent", accessCode?: string): Promise<void>;
  /** Plans the question for the opening, where the journey waits for one (J9). */
  plan(): void;
  /** The access code that this page was given last. */
  accessCode(): string | undefined;
  /** Forgets the access code. */
  forget(): void;
  stop(): void;
}

/** The crowd that waits for an opening spreads its questions over this. */
const openingSpreadMs = 1_500;
/** An opening that the service does not confirm yet is asked for again after this. */
const openingRetryMs = 2_000;

/** Creates the routing of one journey. `onOpening` is called when the time has come to route silently. */
export function createRouting(experienceId: string, context: JourneyContext, model: JourneyModel, seating: Seating, onOpening: () => void): Routing {
  const { authorized, transport, platform, participations } = context;
  const opening = createAlarm(platform.clock);
  let code: string | undefined;
  let stopped = false;

  const askForWays = (): Promise<RouteAnswer> =>
    authorized.sendAsWhoever<RouteAnswer>({ endpoint: endpoints.routeExperience, id: experienceId, body: { accessCode: code } });

  const ask = async (): Promise<Plan | null> => {
    const startedIn = seating.era();
    const answer = await askForWays();
    const record = participations.ofExperience(experienceId);
    const choice = chooseOffer(answer, record?.distributionId ?? null);
    if ("plan" in choice) return choice.plan;
    const { offer } = choice;
    const place = placeOf(offer);
    const known = record?.distributionId === place.distributionId ? record : undefined;
    await context.mechanisms.load(place.mechanism);
    const stay = seating.open(place, known);
    if (!stay) return { stage: "routed", place, now: { phase: "unavailable" } };
    // An upcoming line that this device knows nothing of is not asked about: nobody can be in it yet.
    const asks = context.session() !== null && (known !== undefined || offer.distribution.state !== "upcoming");
    const told = asks ? await stay.ask() : null;
    const standing = told && startedIn === seating.era() ? told : ({ kind: "absent" } as const);
    if (standing.kind === "waiting" || standing.kind === "settling" || standing.kind === "granted") {
      seating.take(stay, standing);
      return null;
    }
    stay.keep(standing);
    stay.stop();
    return { stage: "routed", place, now: phaseOf(offer, standing) };
  };

  const lookBeside = async (): Promise<void> => {
    const held = seating.taken()?.place;
    if (held?.mechanism !== "queue" || model.snapshot$.get().sequencePhase !== "participating") return;
    const startedIn = seating.era();
    const offer = betterWay(await askForWays(), held);
    if (!offer || seating.hasRival()) return;
    const stay = seating.open(placeOf(offer));
    const standing = await stay?.enter(code);
    if (stay && standing && startedIn === seating.era()) seating.besides(stay, standing);
  };

  return Object.freeze<Routing>({
    async route(manner, accessCode) {
      const back = model.state();
      if (stopped) return;
      code = accessCode ?? code;
      if (takesPart(back)) return model.attempt(lookBeside);
      await model.attempt(async () => {
        if (manner === "shown") model.apply({ type: "route_requested" });
        try {
          const plan = await ask();
          if (plan) model.apply({ type: "route_answered", plan });
        } finally {
          // Means something only where the stage is still `routing`: nothing came of it (J3).
          model.apply({ type: "route_failed", back });
        }
      });
    },
    plan() {
      opening.cancel();
      const state = model.state();
      if (stopped || state.stage !== "routed" || state.now.phase !== "scheduled") return;
      const untilMs = Date.parse(state.now.startsAt) - transport.serverNow();
      opening.set((untilMs > 0 ? untilMs : openingRetryMs) + platform.random() * openingSpreadMs, onOpening);
    },
    accessCode: () => code,
    forget() {
      code = undefined;
    },
    stop() {
      stopped = true;
      opening.cancel();
    },
  });
}
