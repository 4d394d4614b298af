// @vitest-environment happy-dom
import { act, render, screen } from "@testing-library/react";
import { type ReactElement, startTransition, StrictMode, Suspense, use, useDeferredValue, useLayoutEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { afterEach, describe, expect, it } from "vitest";
import { createFanfareProvider, type FanfareProviderComponent } from "./fanfare-provider.ts";
import { acting } from "./testing/react-page.ts";
import { aGuest, createHandClock, createStubSdk, type StubSdk } from "./testing/stub-sdk.ts";
import { useExperienceJourney } from "./use-experience-journey.ts";
import { useFanfareAuth } from "./use-fanfare-auth.ts";

const keys = { organizationId: "org_shop", publishableKey: "pk_test_shop" } as const;
const another = { ...aGuest, consumerId: "0195f2c8-7a3b-7c4d-8e5f-0000000000ff" };

function watch(restored = true): { readonly Provider: FanfareProviderComponent; readonly made: StubSdk[] } {
  const made: StubSdk[] = [];
  const Provider = createFanfareProvider(() => {
    const stub = createStubSdk(restored ? aGuest : null);
    made.push(stub);
    return Promise.resolve(stub.sdk);
  });
  return { Provider, made };
}

function Who(): ReactElement {
  return <i>{useFanfareAuth().session?.consumerId ?? "nobody"}</i>;
}

describe("a tree that suspends", () => {
  it("resumes with the SDK that it had: hidden by its fallback and shown again, it is neither destroyed nor made anew", async () => {
    const { Provider, made } = watch();
    const clock = createHandClock();
    const detail = Promise.withResolvers<string>();
    let show: (isShown: boolean) => void = () => undefined;
    const Detail = (): ReactElement => <b>{use(detail.promise)}</b>;
    function Shop(): ReactElement {
      const [isShown, setShown] = useState(false);
      show = setShown;
      const { view } = useExperienceJourney("exp_launch", { autoStart: true });
      return (
        <>
          <Who />
          <p>{view?.journeyStage}</p>
          {isShown && <Detail />}
        </>
      );
    }
    await acting(() =>
      render(
        <StrictMode>
          <Suspense fallback="one moment">
            <Provider {...keys} platform={clock.platform}>
              <Shop />
            </Provider>
          </Suspense>
        </StrictMode>,
      ),
    );
    expect(screen.getByText("routing")).toBeTruthy();
    await acting(() => show(true));
    expect(screen.getByText("one moment")).toBeTruthy();
    // What changes behind the fallback is there when the tree comes back.
    await acting(() => made[0]?.signIn(another));
    await acting(() => clock.runTasks());
    await acting(() => detail.resolve("detail"));
    expect(screen.getByText("detail")).toBeTruthy();
    expect(screen.getByText(another.consumerId)).toBeTruthy();
    expect(made.map(({ isDestroyed }) => isDestroyed)).toEqual([false]);
    expect(made[0]?.journeys.get("exp_launch")?.starts).toBe(1);
  });

  it("initializes nothing while it has never been on the page, and once when it is", async () => {
    const { Provider, made } = watch();
    const detail = Promise.withResolvers<string>();
    const Detail = (): ReactElement => <b>{use(detail.promise)}</b>;
    await acting(() =>
      render(
        <StrictMode>
          <Suspense fallback="one moment">
            <Provider {...keys}>
              <Who />
              <Detail />
            </Provider>
          </Suspense>
        </StrictMode>,
      ),
    );
    expect(made).toHaveLength(0);
    await acting(() => detail.resolve("detail"));
    expect(screen.getByText(aGuest.consumerId)).toBeTruthy();
    expect(made).toHaveLength(1);
  });
});

describe("concurrent rendering", () => {
  // Tearing happens only where React may yield, which it never does inside `act`.
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
  afterEach(() => Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true }));

  it("shows one consumer in all of a page, though the session changes in the middle of a transition that reads it many times", async () => {
    Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: false });
    const { Provider, made } = watch();
    const commits: string[][] = [];
    let reads = 0;
    let changeAt = Infinity;
    let begin: () => void = () => undefined;

    function Slow(): ReactElement {
      const { session } = useFanfareAuth();
      reads += 1;
      if (reads === changeAt) queueMicrotask(() => made[0]?.signIn(another));
      // Long enough that React gives way between two of these.
      for (const until = performance.now() + 4; performance.now() < until;);
      return <i>{session?.consumerId ?? "nobody"}</i>;
    }
    function Page(): ReactElement {
      const [readers, setReaders] = useState(1);
      begin = () => startTransition(() => setReaders(30));
      useLayoutEffect(() => {
        commits.push([...host.querySelectorAll("i")].map(({ textContent }) => textContent));
      });
      return (
        <>
          {Array.from({ length: readers }, (_, index) => (
            <Slow key={index} />
          ))}
        </>
      );
    }
    const host = document.body.appendChild(document.createElement("div"));
    const root = createRoot(host);
    root.render(
      <Provider {...keys}>
        <Page />
      </Provider>,
    );
    await expect.poll(() => host.textContent).toBe(aGuest.consumerId);
    changeAt = reads + 10;
    begin();
    await expect.poll(() => host.querySelectorAll("i").length).toBe(30);
    await expect.poll(() => host.textContent).toBe(another.consumerId.repeat(30));
    expect(commits.filter((texts) => new Set(texts).size > 1)).toEqual([]);
    root.unmount();
    host.remove();
  });

  it("lets a deferred reader follow after the urgent one, and both end on the same consumer", async () => {
    const { Provider, made } = watch(false);
    const pairs: string[] = [];
    function Deferred(): ReactElement {
      const { session } = useFanfareAuth();
      const late = useDeferredValue(session);
      pairs.push(`${session ? "guest" : "nobody"} ${late ? "guest" : "nobody"}`);
      return <p>{late?.consumerId ?? "nobody"}</p>;
    }
    await act(async () => {
      render(
        <Provider {...keys}>
          <Deferred />
        </Provider>,
      );
    });
    await acting(() => made[0]?.signIn(aGuest));
    expect(screen.getByText(aGuest.consumerId)).toBeTruthy();
    expect([...new Set(pairs)]).toEqual(["nobody nobody", "guest nobody", "guest guest"]);
  });
});
