// @vitest-environment happy-dom
import { acting } from "./testing/react-page.ts";
import type { FanfareErrorShape, FanfareSDK, QueueDisplay } from "@fanfare-io/fanfare-sdk-core";
import { render, screen } from "@testing-library/react";
import { type ReactElement, StrictMode, useSyncExternalStore } from "react";
import { describe, expect, it } from "vitest";
import { createValueStore } from "./testing/value-store.ts";
import { createFanfareProvider } from "./fanfare-provider.ts";
import { createStubSdk, type StubJourney, type StubSdk } from "./testing/stub-sdk.ts";
import type { ExperienceJourney } from "./facade/journeys.ts";
import { useExperienceJourney } from "./use-experience-journey.ts";
import { useFanfareAuth } from "./use-fanfare-auth.ts";

function page(initialization: Promise<FanfareSDK>, children: ReactElement): ReactElement {
  const Provider = createFanfareProvider(() => initialization);
  return (
    <StrictMode>
      <Provider organizationId="org_shop" publishableKey="pk_test_shop">
        {children}
      </Provider>
    </StrictMode>
  );
}

interface SpyProps {
  readonly onRender: (journey: ExperienceJourney) => void;
  readonly autoStart?: boolean;
}

function Spy({ onRender, autoStart = false }: SpyProps): ReactElement {
  const journey = useExperienceJourney("exp_launch", { autoStart });
  onRender(journey);
  return <p>{journey.view?.journeyStage ?? "loading"}</p>;
}

function journeyOf(stub: StubSdk): StubJourney {
  stub.sdk.journeys.get("exp_launch");
  return stub.journeys.get("exp_launch") as StubJourney;
}

function display(position: number): QueueDisplay {
  return {
    position,
    positionDisplayMode: "precise",
    waitingAhead: position - 1,
    progress: 0.5,
    estimatedWaitSeconds: null,
    admitRatePerMinute: 60,
    updatedAt: "2026-11-22T12:00:00.000Z",
  };
}

describe("useExperienceJourney", () => {
  it("has no view until the SDK is ready, and a start that may be called before", async () => {
    const stub = createStubSdk();
    const initialization = Promise.withResolvers<FanfareSDK>();
    const seen: ExperienceJourney[] = [];
    await acting(() => render(page(initialization.promise, <Spy onRender={(journey) => seen.push(journey)} />)));
    expect(seen.at(-1)).toMatchObject({ view: undefined, snapshot: undefined, error: null });
    const started = seen.at(-1)?.start();
    await acting(async () => {
      initialization.resolve(stub.sdk);
      await started;
    });
    expect(screen.getByText("routing")).toBeTruthy();
    expect(journeyOf(stub).starts).toBe(1);
    expect(new Set(seen.map(({ start }) => start)).size).toBe(1);
  });

  it("starts nothing by itself without autoStart", async () => {
    const stub = createStubSdk();
    await acting(() => render(page(Promise.resolve(stub.sdk), <Spy onRender={() => undefined} />)));
    expect(screen.getByText("ready")).toBeTruthy();
    expect(journeyOf(stub).starts).toBe(0);
  });

  it("starts one journey for two components that both start it", async () => {
    const stub = createStubSdk();
    const both = (
      <>
        <Spy autoStart onRender={() => undefined} />
        <Spy autoStart onRender={() => undefined} />
      </>
    );
    await acting(() => render(page(Promise.resolve(stub.sdk), both)));
    expect(screen.getAllByText("routing")).toHaveLength(2);
    expect(journeyOf(stub).starts).toBe(1);
  });

  it("leaves a journey alone that is on its way already", async () => {
    const stub = createStubSdk();
    const seen: ExperienceJourney[] = [];
    journeyOf(stub).view$.set({ journeyStage: "routing" });
    await acting(() => render(page(Promise.resolve(stub.sdk), <Spy onRender={(journey) => seen.push(journey)} />)));
    await acting(() => seen.at(-1)?.start());
    expect(journeyOf(stub).starts).toBe(0);
  });

  it("tells a failed start by its error, never by a rejection nobody awaits", async () => {
    const stub = createStubSdk();
    const seen: ExperienceJourney[] = [];
    const journey = journeyOf(stub);
    const failure: FanfareErrorShape = Object.assign(new Error("The network is away."), { code: "NETWORK_ERROR" as const, retryable: true });
    journey.view$.set({
      journeyStage: "ready",
      start: () => {
        journey.snapshot$.set({ ...journey.snapshot$.get(), error: failure });
        return Promise.reject(failure);
      },
    });
    await acting(() => render(page(Promise.resolve(stub.sdk), <Spy onRender={(next) => seen.push(next)} />)));
    await acting(() => expect(seen.at(-1)?.start()).resolves.toBeUndefined());
    expect(seen.at(-1)?.error).toBe(failure);
  });

  it("renders nobody but the reader of display$ when the line moves", async () => {
    const stub = createStubSdk();
    const display$ = createValueStore<QueueDisplay>(display(8));
    const journey = journeyOf(stub);
    journey.view$.set({
      journeyStage: "routed",
      sequence: { sequenceId: "seq_1", name: "Launch", phase: "participating", mechanism: "queue", display$, leave: () => Promise.resolve() },
      reroute: () => Promise.resolve(),
      submitAccessCode: () => Promise.resolve({ outcome: "unchanged" }),
    });
    const renders = { auth: 0, journey: 0 };
    function Auth(): null {
      useFanfareAuth();
      renders.auth += 1;
      return null;
    }
    function Position(): ReactElement {
      return <output>{useSyncExternalStore(display$.listen, display$.get).position}</output>;
    }
    const tree = (
      <>
        <Auth />
        <Spy onRender={() => (renders.journey += 1)} />
        <Position />
      </>
    );
    await acting(() => render(page(Promise.resolve(stub.sdk), tree)));
    const before = { ...renders };
    await acting(() => display$.set(display(7)));
    expect(screen.getByText("7")).toBeTruthy();
    expect(renders).toEqual(before);
  });

  it("listens to core's view only while a component shows it", async () => {
    const stub = createStubSdk();
    const journey = journeyOf(stub);
    let listeners = 0;
    const view$ = journey.view$;
    const counted = {
      ...journey.handle,
      view$: {
        ...view$,
        listen: (listener: Parameters<typeof view$.listen>[0]) => {
          listeners += 1;
          const stop = view$.listen(listener);
          return () => {
            listeners -= 1;
            stop();
          };
        },
      },
    };
    const sdk: FanfareSDK = { ...stub.sdk, journeys: { ...stub.sdk.journeys, get: () => counted } };
    const { unmount } = await acting(() => render(page(Promise.resolve(sdk), <Spy onRender={() => undefined} />)));
    expect(listeners).toBe(1);
    unmount();
    expect(listeners).toBe(0);
  });
});
