import type { ActiveExperiences, FanfareErrorShape, JourneyEvent, JourneyHandle, JourneySnapshot, JourneyView, Session } from "@fanfare-io/fanfare-contract";
import type { JourneysPart } from "./journey/part.ts";
import { ignore } from "./lib/ignore.ts";
import { createLazy } from "./lib/lazy.ts";
import type { Report } from "./lib/report.ts";
import { createStore } from "./lib/store.ts";
import { partMissing } from "./transport/fanfare-error.ts";

/** Journeys as the client sees them: handles at once, the code behind them when one is first used. */
export interface JourneysDoor {
  /** The same id always gets the same handle, `ready` until its code is there. */
  get(experienceId: string): JourneyHandle;
  resumeAll(): Promise<void>;
  /** Who is authenticated now. */
  become(session: Session | null): void;
  /** What is remembered of whoever is here, once it is read. */
  active(): Promise<ActiveExperiences>;
  /** Another tab may have joined or left something. */
  follow(): Promise<void>;
  wake(): void;
  destroy(): void;
}

/** What the door needs from the client. */
export interface JourneysDoorOptions {
  readonly open: () => Promise<JourneysPart>;
  /** What this device remembers that somebody takes part in; null for nothing. */
  readonly stored: (session: Session | null) => Promise<ActiveExperiences | null>;
  readonly report: Report;
}

/** Loads nothing before a journey is asked for, or something is remembered. */
export function createJourneysDoor({ open, stored, report }: JourneysDoorOptions): JourneysDoor {
  const handles = new Map<string, JourneyHandle>();
  let who: Session | null = null;
  let read: Promise<unknown> = Promise.resolve();
  /** What is stored of whoever is here, until the part knows. */
  let remembered: ActiveExperiences | null = null;
  let wantsToResume = false;
  let destroyed = false;
  const lazy = createLazy(async () => {
    const part = await open().catch(partMissing);
    if (destroyed) part.destroy();
    // Whoever is here may change while the part reads what it remembers of them.
    for (let begun: Session | null = null; begun !== who;) await part.become((begun = who));
    return part;
  });

  const makeHandle = (experienceId: string): JourneyHandle => {
    const real = (): JourneyHandle | undefined => lazy.now()?.get(experienceId);
    const start = async (options?: { readonly accessCode?: string }): Promise<void> => {
      try {
        await lazy.load();
      } catch (error) {
        snapshot$.set({ ...snapshot$.get(), error: error as FanfareErrorShape });
        throw error;
      }
      const view = real()?.view$.get();
      if (view?.journeyStage === "ready") await view.start(options);
    };
    const ready: JourneyView = Object.freeze({ journeyStage: "ready", start });
    const view$ = createStore<JourneyView>(ready, report);
    const snapshot$ = createStore<JourneySnapshot>(unstarted(experienceId), report);
    const events$ = createStore<readonly JourneyEvent[]>([], report);
    const latestEvent$ = createStore<JourneyEvent | null>(null, report);
    const connect = (part: JourneysPart): void => {
      const journey = part.get(experienceId);
      journey.snapshot$.subscribe(snapshot$.set);
      journey.view$.subscribe((view) => view$.set(view.journeyStage === "ready" ? ready : view));
      journey.events$.subscribe(events$.set);
      journey.latestEvent$.subscribe(latestEvent$.set);
    };
    const part = lazy.now();
    if (part) connect(part);
    else
      void lazy.load().then(connect, () => {
        ignore("told by `start`, which tries again");
      });
    return Object.freeze<JourneyHandle>({ experienceId, view$, snapshot$, events$, latestEvent$, ackEvent: (id) => real()?.ackEvent(id) });
  };

  const resumeAll = async (): Promise<void> => {
    wantsToResume = true;
    await read;
    if (remembered || lazy.now()) await (await lazy.load()).resumeAll();
  };

  return Object.freeze<JourneysDoor>({
    get(experienceId) {
      const handle = handles.get(experienceId) ?? makeHandle(experienceId);
      handles.set(experienceId, handle);
      return handle;
    },
    resumeAll,
    become(next) {
      who = next;
      const part = lazy.now();
      read = (part ? part.become(next) : stored(next).then((active) => (remembered = active))).catch(report);
    },
    async active() {
      await read;
      return lazy.now()?.active() ?? remembered ?? noneActive;
    },
    async follow() {
      if (who) await lazy.now()?.follow(who.consumerId);
    },
    wake() {
      const part = lazy.now();
      if (part) part.wake();
      // Its code could not be fetched when the page began: now it may be.
      else if (wantsToResume) void resumeAll().catch(report);
    },
    destroy() {
      destroyed = true;
      lazy.now()?.destroy();
    },
  });
}

const noneActive: ActiveExperiences = Object.freeze({ queues: {}, draws: {}, auctions: {}, appointments: {}, timedReleases: {}, waitlists: {} });

/** What there is to tell of a journey that nobody has started; for bindings that show one before the SDK is there. */
export function unstarted(experienceId: string): JourneySnapshot {
  return {
    experienceId,
    journeyStage: "ready",
    gates: [],
    sequenceId: null,
    sequencePhase: null,
    mechanism: null,
    distributionId: null,
    outcome: null,
    grantExpiresAt: null,
    error: null,
  };
}
