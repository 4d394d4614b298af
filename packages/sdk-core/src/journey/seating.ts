import type { Standing } from "../mechanisms/mechanism.ts";
import { ignore } from "../lib/ignore.ts";
import { isBetter } from "./better.ts";
import type { JourneyContext } from "./journey-context.ts";
import type { JourneyModel } from "./model.ts";
import { newsOf } from "./news.ts";
import type { News } from "./news.ts";
import { createParticipationRun } from "./participation.ts";
import type { ParticipationRun } from "./participation.ts";
import type { ParticipationRecord } from "./participations.ts";
import { takesPart } from "./state.ts";
import type { Place } from "./state.ts";

/** The stays of one journey: at most one is open, at most one is taken, and in a line at most one more is held beside it (J31). */
export interface Seating {
  /** The stay that the journey follows. */
  taken(): ParticipationRun | null;
  /** Opens a stay without taking it: to ask, or to enter. Null for a mechanism that this SDK does not know. */
  open(place: Place, record?: ParticipationRecord): ParticipationRun | null;
  /** Takes an opened stay with what its first answer said. */
  take(stay: ParticipationRun, standing: Standing): void;
  /** Holds an opened stay beside the taken one, until one of them proves the better (J32). */
  besides(stay: ParticipationRun, standing: Standing): void;
  hasRival(): boolean;
  /** Gives the stay beside the taken one up. */
  dropRival(): void;
  /** Each stay that is held. */
  each(act: (stay: ParticipationRun) => void): void;
  /** Takes up what is remembered, showing it at once; resolves with the first answer, or failure to get one. */
  takeUp(record: ParticipationRecord): Promise<void>;
  /** What a new standing of the taken stay means for the journey. */
  settle(standing: Standing): void;
  /** Grows when everything is let go: an answer that was asked for before belongs to somebody else (J22). */
  era(): number;
  /** Lets everything go. */
  clear(): void;
}

/** Gives up stays that the shopper has a better one for. `isLeaving`: still remembered until the service has answered, and not to be taken up again. */
function createGivingUp() {
  const leaving = new Set<string>();
  return {
    isLeaving: ({ distributionId }: Pick<Place, "distributionId">): boolean => leaving.has(distributionId),
    giveUp(stay: ParticipationRun): void {
      const { distributionId } = stay.place;
      leaving.add(distributionId);
      const forget = (): void => {
        stay.stop();
        leaving.delete(distributionId);
      };
      // What cannot be given up now is found again on the next page, and given up there; unasked for, it lapses by itself.
      void stay.leave().then(stay.keep, untold).finally(forget);
    },
  };
}

const untold = (): void => {
  ignore("told by nobody: the shopper has the better place");
};

/** Creates the seating of one journey; nobody sits. */
export function createSeating(experienceId: string, context: JourneyContext, model: JourneyModel, news: News): Seating {
  let taken: ParticipationRun | null = null;
  /** A stay whose first answer is on the way. */
  let candidate: ParticipationRun | null = null;
  /** The stay whose grant is told already. */
  let granted: ParticipationRun | null = null;
  /** The stay beside the taken one, with its last standing, remembered or told; and the last standing of the taken one. */
  let rival: { readonly stay: ParticipationRun; readonly standing: Standing; readonly isTold: boolean } | null = null;
  let standingNow: Standing["kind"] = "absent";
  const { giveUp, isLeaving } = createGivingUp();
  let era = 0;

  const open = (place: Place, record?: ParticipationRecord): ParticipationRun | null => {
    candidate?.stop();
    const opened: ParticipationRun | null = createParticipationRun({
      context,
      experienceId,
      place,
      record,
      onStanding(standing) {
        if (taken === opened) settle(standing);
        else if (opened && rival?.stay === opened) besides(opened, standing);
      },
      onPresented({ token, expiresAt, extension }) {
        if (taken === opened) model.apply({ type: "presented", token, expiresAt, ...(extension && { extension }) });
      },
      onElsewhere() {
        const before = model.state();
        if (taken === opened) model.apply({ type: "turn_elsewhere" });
        if (model.state() !== before) news.tell("error", "warning", "It is your turn on your other device.");
      },
    });
    candidate = opened;
    return opened;
  };

  const hold = (stay: ParticipationRun): void => {
    if (taken !== stay) taken?.stop();
    taken = stay;
    candidate = null;
    model.show(stay.display$);
  };

  const dropRival = (): void => {
    if (rival) giveUp(rival.stay);
    rival = null;
  };
  /** The rival goes on as the journey's own. */
  const climb = (next: NonNullable<typeof rival>): void => {
    const left = taken;
    rival = null;
    taken = null;
    hold(next.stay);
    model.apply({ type: "joined", place: next.stay.place });
    news.tell("reroute", "info", "You have a better place now.");
    settle(next.standing);
    if (left) giveUp(left);
  };
  const weigh = (): void => {
    if (!rival?.isTold || !taken) return;
    const { stay, standing } = rival;
    if (isBetter({ kind: standing.kind, display: stay.display$.get() }, { kind: standingNow, display: taken.display$.get() })) climb(rival);
  };
  const besides = (stay: ParticipationRun, standing: Standing): void => {
    candidate = candidate === stay ? null : candidate;
    rival = { stay, standing, isTold: true };
    if (!taken) return climb(rival);
    if (standing.kind === "absent" || standing.kind === "ended") {
      stay.keep(standing);
      stay.stop();
      rival = null;
      return;
    }
    // Its grant is presented once it is the journey's own.
    if (standing.kind === "waiting") stay.keep(standing);
    weigh();
  };

  const settle = (standing: Standing): void => {
    const stay = taken;
    if (!stay) return;
    const before = model.state();
    standingNow = standing.kind;
    if (rival && (standing.kind === "absent" || standing.kind === "ended")) {
      stay.keep(standing);
      stay.stop();
      taken = null;
      return climb(rival);
    }
    if (standing.kind === "granted") dropRival();
    if (standing.kind === "waiting" || (standing.kind === "granted" && !takesPart(before))) model.apply({ type: "joined", place: stay.place });
    if (standing.kind === "settling") model.apply({ type: "closed", place: stay.place });
    stay.keep(standing);
    const wasGranted = granted === stay;
    granted = standing.kind === "granted" ? stay : null;
    if (standing.kind === "absent" || standing.kind === "ended") {
      stay.stop();
      taken = null;
      // A place that the service knows nothing of was given up elsewhere.
      const { outcome, denyReason } = standing.kind === "ended" ? standing : { outcome: "left" as const, denyReason: undefined };
      model.apply({ type: "ended", outcome, ...(denyReason !== undefined && { denyReason }) });
    }
    const told = wasGranted && granted ? null : newsOf(standing, stay.place.mechanism);
    if (told) news.tell(...told);
    weigh();
  };

  /** Two lines of one experience are remembered while it is not clear yet which is the better (J33). */
  const takeUpBeside = async (record: ParticipationRecord): Promise<void> => {
    const isOther = taken?.place.mechanism === "queue" && record.mechanism === "queue" && taken.place.distributionId !== record.distributionId;
    const stay = isOther && !rival && !isLeaving(record) ? open(record, record) : null;
    if (!stay) return;
    candidate = null;
    rival = { stay, standing: { kind: "waiting" }, isTold: false };
    await stay.follow();
  };

  return Object.freeze<Seating>({
    taken: () => taken,
    open,
    take(stay, standing) {
      hold(stay);
      settle(standing);
      if (taken === stay) void stay.follow();
    },
    besides(stay, standing) {
      besides(stay, standing);
      if (rival?.stay === stay || taken === stay) void stay.follow();
    },
    hasRival: () => rival !== null,
    dropRival,
    each(act) {
      if (taken) act(taken);
      if (rival) act(rival.stay);
    },
    async takeUp(record) {
      if (taken) return takeUpBeside(record);
      const startedIn = era;
      const loading = context.mechanisms.load(record.mechanism);
      if (loading) await loading;
      const stay = taken || startedIn !== era ? null : open(record, record);
      if (!stay) return;
      hold(stay);
      const { sequenceId, name, mechanism, distributionId } = record;
      model.apply({ type: stay.remembered === "settling" ? "closed" : "joined", place: { sequenceId, name, mechanism, distributionId } });
      if (record.status === "admitted") {
        granted = stay;
        stay.keep({ kind: "granted" });
      }
      await stay.follow();
    },
    settle,
    era: () => era,
    clear() {
      era++;
      taken?.stop();
      candidate?.stop();
      rival?.stay.stop();
      taken = candidate = granted = rival = null;
    },
  });
}
