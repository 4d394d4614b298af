import type {
  AuthenticatedSession,
  FanfareEvents,
  FanfareSDK,
  GuestSession,
  JourneyHandle,
  JourneySnapshot,
  JourneyView,
  OtpRequest,
  Platform,
  Session,
} from "@fanfare-io/fanfare-sdk-core";
import { createValueStore, type ValueStore } from "./value-store.ts";

/** A guest as the service makes one. */
export const aGuest: GuestSession = Object.freeze({
  type: "guest",
  consumerId: "0195f2c8-7a3b-7c4d-8e5f-012345678901",
  guestId: "0195f2c8-7a3b-7c4d-8e5f-012345678901",
  expiresAt: "2026-11-22T13:00:00.000Z",
  bound: false,
});

/** A journey whose view the test sets. */
export interface StubJourney {
  readonly handle: JourneyHandle;
  readonly view$: ValueStore<JourneyView>;
  readonly snapshot$: ValueStore<JourneySnapshot>;
  starts: number;
}

/** An SDK that does nothing by itself: the subject is the binding around it. */
export interface StubSdk {
  readonly sdk: FanfareSDK;
  readonly journeys: ReadonlyMap<string, StubJourney>;
  emit<E extends keyof FanfareEvents>(event: E, payload: FanfareEvents[E]): void;
  signIn(session: Session): void;
  listenerCount(): number;
  /** Tells nobody anything from now on. */
  mute(): void;
  guestCalls: number;
  /** Where codes were to be sent. */
  readonly asked: OtpRequest[];
  isDestroyed: boolean;
}

/** Creates an SDK that restored `restored`, if given. */
export function createStubSdk(restored: Session | null = null): StubSdk {
  let session = restored;
  const listeners = new Map<keyof FanfareEvents, Set<(payload: never) => void>>();
  const journeys = new Map<string, StubJourney>();
  const emit = <E extends keyof FanfareEvents>(event: E, payload: FanfareEvents[E]): void => {
    for (const listener of listeners.get(event) ?? []) (listener as (payload: FanfareEvents[E]) => void)(payload);
  };
  const notUsed = (): Promise<never> => Promise.reject(new Error("This stub does not answer that."));

  const stub: StubSdk = {
    journeys,
    emit,
    guestCalls: 0,
    asked: [],
    isDestroyed: false,
    listenerCount: () => [...listeners.values()].reduce((sum, set) => sum + set.size, 0),
    mute: () => listeners.clear(),
    signIn: (next) => {
      session = next;
      emit("auth:authenticated", { session: next, isNew: true });
    },
    sdk: {
      auth: {
        check: () => (session === null ? { isAuthenticated: false, isGuest: false } : { isAuthenticated: true, isGuest: session.type === "guest", session }),
        getSession: () => session,
        guest: () => {
          stub.guestCalls += 1;
          if (session?.type === "authenticated") return Promise.reject(new Error("ALREADY_IDENTIFIED"));
          if (session === null) stub.signIn(aGuest);
          return Promise.resolve(aGuest);
        },
        requestOtp: (to) => {
          stub.asked.push(to);
          return Promise.resolve({ expiresAt: "2026-11-22T12:10:00.000Z", resendAfterSeconds: 30 });
        },
        verifyOtp: (answer) => {
          const { consumerId, expiresAt, bound } = session ?? aGuest;
          const known: AuthenticatedSession = { type: "authenticated", consumerId, expiresAt, bound, ...("email" in answer && { email: answer.email }) };
          stub.signIn(known);
          return Promise.resolve(known);
        },
        beginExternal: notUsed,
        exchangeExternal: notUsed,
        refresh: notUsed,
        logout: () => {
          session = null;
          emit("auth:logout", { reason: "user" });
          return Promise.resolve();
        },
      },
      journeys: {
        get: (experienceId) => {
          const journey = journeys.get(experienceId) ?? createStubJourney(experienceId);
          journeys.set(experienceId, journey);
          return journey.handle;
        },
        resumeAll: () => Promise.resolve(),
      },
      on: (event, handler) => {
        const set = listeners.get(event) ?? new Set();
        listeners.set(event, set.add(handler));
        return () => void set.delete(handler);
      },
      restore: notUsed,
      resume: notUsed,
      destroy: () => {
        stub.isDestroyed = true;
      },
    },
  };
  return stub;
}

function createStubJourney(experienceId: string): StubJourney {
  const view$ = createValueStore<JourneyView>({ journeyStage: "routing" });
  const snapshot$ = createValueStore<JourneySnapshot>({
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
  });
  const journey: StubJourney = {
    view$,
    snapshot$,
    starts: 0,
    handle: { experienceId, view$, snapshot$, events$: createValueStore([]), latestEvent$: createValueStore(null), ackEvent: () => undefined },
  };
  view$.set({
    journeyStage: "ready",
    start: async () => {
      journey.starts += 1;
      // As in core, where the wish goes through a mailbox first: the view does not change within the call.
      await Promise.resolve();
      view$.set({ journeyStage: "routing" });
    },
  });
  return journey;
}

/** Later tasks, run when the test says so: the provider's teardown waits in here. */
export interface HandClock {
  readonly platform: Partial<Platform>;
  /** The pauses that were asked for, in milliseconds. */
  readonly pauses: readonly number[];
  /** Runs what waits now. */
  runTasks(): void;
}

/** Creates a platform whose only part is a clock moved by hand. */
export function createHandClock(): HandClock {
  const tasks = new Set<() => void>();
  const pauses: number[] = [];
  return {
    pauses,
    platform: {
      random: () => 1,
      clock: {
        now: () => 0,
        monotonic: () => 0,
        setTimeout: (task, delayMs) => {
          pauses.push(delayMs);
          tasks.add(task);
          return () => void tasks.delete(task);
        },
      },
    },
    runTasks: () => {
      const due = [...tasks];
      tasks.clear();
      for (const task of due) task();
    },
  };
}
