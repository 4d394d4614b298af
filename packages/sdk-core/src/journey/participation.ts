import type { Display, Presentation, ReadableStore } from "@fanfare-io/fanfare-contract";
import type { Seat, Standing } from "../mechanisms/mechanism.ts";
import type { JourneyContext } from "./journey-context.ts";
import type { ParticipationRecord } from "./participations.ts";
import { createPresenter } from "./presenter.ts";
import type { Presenter } from "./presenter.ts";
import type { Place } from "./state.ts";

/** One stay in one distribution: its seat, the record of it, and the presentations of its grant. */
export interface ParticipationRun {
  readonly place: Place;
  readonly display$: ReadableStore<Display>;
  /** What to show before the first answer, by what is remembered. */
  readonly remembered: "waiting" | "settling";
  /** Takes part. The standing is also kept. */
  enter(accessCode?: string): Promise<Standing>;
  /** Asks once, keeping nothing. */
  ask(): Promise<Standing>;
  leave(): Promise<Standing>;
  /** Keeps a standing: remembers or forgets the participation, presents the grant. */
  keep(standing: Standing): void;
  /** Polls on; resolves with the first answer. */
  follow(): Promise<void>;
  wake(): void;
  /** The consumer is known by another name now. */
  renew(): void;
  stop(): void;
}

/** What one stay needs beside the journeys' context. */
export interface ParticipationOptions {
  readonly context: JourneyContext;
  readonly experienceId: string;
  readonly place: Place;
  /** What is remembered of this stay from an earlier page or another tab. */
  readonly record: ParticipationRecord | undefined;
  readonly onStanding: (standing: Standing) => void;
  readonly onPresented: (presentation: Presentation) => void;
  /** The turn has come and belongs to another device. */
  readonly onElsewhere: () => void;
}

/** Opens a stay; sends nothing yet. Null for a mechanism that this SDK does not know. */
export function createParticipationRun({
  context,
  experienceId,
  place,
  record,
  onStanding,
  onPresented,
  onElsewhere,
}: ParticipationOptions): ParticipationRun | null {
  const { platform, participations } = context;
  const { distributionId, mechanism } = place;
  const driver = context.mechanisms.driver(mechanism);
  if (!driver) return null;
  let status = record?.status ?? null;
  const enteredAt = record?.enteredAt ?? new Date(platform.clock.now()).toISOString();
  let presenter: Presenter | null = null;
  let stopped = false;

  const remember = (): void => {
    if (status && !stopped) participations.put({ ...place, experienceId, status, enteredAt, memo: seat.memo() });
  };
  const unpresent = (): void => {
    presenter?.stop();
    presenter = null;
  };
  const seat: Seat = driver.open({
    ...context,
    experienceId,
    distributionId,
    memo: record?.memo ?? null,
    told: status,
    onMemo: remember,
    keep(value) {
      const owner = context.session()?.consumerId;
      if (owner !== undefined) context.keepsakes.put(owner, distributionId, value);
    },
  });

  const become = (next: "participating" | "admitted"): void => {
    const before = status;
    status = next;
    // What else is new in an answer, the seat has handed over with its memo already.
    if (before !== next) remember();
  };
  const keep = (standing: Standing): void => {
    if (stopped) return;
    if (standing.kind === "granted") {
      presenter ??= createPresenter({
        ...context,
        distributionId,
        unlessHidden: participations.ofExperience(experienceId)?.status === "admitted",
        onPresented,
        onRefused: seat.wake,
        onElsewhere,
      });
      return become("admitted");
    }
    unpresent();
    if (standing.kind === "waiting" || standing.kind === "settling") return become("participating");
    status = null;
    participations.remove(distributionId);
  };

  return Object.freeze<ParticipationRun>({
    place,
    display$: seat.display$,
    remembered: seat.settles?.() ? "settling" : "waiting",
    enter: seat.enter,
    ask: seat.ask,
    leave: seat.leave,
    keep,
    follow: () => seat.follow(onStanding),
    wake() {
      seat.wake();
      presenter?.wake();
    },
    renew: seat.renew,
    stop() {
      stopped = true;
      seat.stop();
      unpresent();
    },
  });
}
