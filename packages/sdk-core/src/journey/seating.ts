import type { Standing } from "../mechanisms/mechanism.ts";
import type { JourneyContext } from "./journey-context.ts";
import type { JourneyModel } from "./model.ts";
import { newsOf } from "./news.ts";
import type { News } from "./news.ts";
import { createParticipationRun } from "./participation.ts";
import type { ParticipationRun } from "./participation.ts";
import type { ParticipationRecord } from "./participations.ts";
import { takesPart } from "./state.ts";
import type { Place } from "./state.ts";

/** The stay of one journey: at most one is open, at most one is taken. */
export interface Seating {
  /** The stay that the journey follows. */
  taken(): ParticipationRun | null;
  /** Opens a stay without taking it: to ask, or to enter. Null for a mechanism that this SDK does not know. */
  open(place: Place, record?: ParticipationRecord): ParticipationRun | null;
  /** Takes an opened stay with what its first answer said. */
  take(stay: ParticipationRun, standing: Standing): void;
  /** Takes up what is remembered, showing it at once; resolves with the first answer, or failure to get one. */
  takeUp(record: ParticipationRecord): Promise<void>;
  /** What a new standing of the taken stay means for the journey. */
  settle(standing: Standing): void;
  /** Grows when everything is let go: an answer that was asked for before belongs to somebody else (J22). */
  era(): number;
  /** Lets everything go. */
  clear(): void;
}

/** Creates the seating of one journey; nobody sits. */
export function createSeating(experienceId: string, context: JourneyContext, model: JourneyModel, news: News): Seating {
  let taken: ParticipationRun | null = null;
  /** A stay whose first answer is on the way. */
  let candidate: ParticipationRun | null = null;
  /** The stay whose grant is told already. */
  let granted: ParticipationRun | null = null;
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
      },
      onPresented({ token, expiresAt, extension }) {
        if (taken === opened) model.apply({ type: "presented", token, expiresAt, ...(extension && { extension }) });
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

  const settle = (standing: Standing): void => {
    const stay = taken;
    if (!stay) return;
    const before = model.state();
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
  };

  return Object.freeze<Seating>({
    taken: () => taken,
    open,
    take(stay, standing) {
      hold(stay);
      settle(standing);
      if (taken === stay) void stay.follow();
    },
    async takeUp(record) {
      if (taken) return;
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
      taken = candidate = granted = null;
    },
  });
}
