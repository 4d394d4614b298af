// @vitest-environment happy-dom
import type { FanfareConfig } from "@fanfare-io/fanfare-sdk-core";
import { acting } from "./testing/react-page.ts";
import { render, screen } from "@testing-library/react";
import { type ReactElement, StrictMode } from "react";
import { describe, expect, it, vi } from "vitest";
import { createFanfareProvider, type FanfareProviderComponent } from "./fanfare-provider.ts";
import { createHandClock, createStubSdk, type StubSdk } from "./testing/stub-sdk.ts";
import { useExperienceJourney } from "./use-experience-journey.ts";
import { useFanfare } from "./use-fanfare.ts";
import { useFanfareAuth } from "./use-fanfare-auth.ts";

const keys = { organizationId: "org_shop", publishableKey: "pk_test_shop" } as const;

interface Watched {
  readonly Provider: FanfareProviderComponent;
  readonly made: StubSdk[];
  readonly configs: FanfareConfig[];
}

function watch(create: () => StubSdk = createStubSdk): Watched {
  const made: StubSdk[] = [];
  const configs: FanfareConfig[] = [];
  const Provider = createFanfareProvider((config) => {
    const stub = create();
    made.push(stub);
    configs.push(config);
    return Promise.resolve(stub.sdk);
  });
  return { Provider, made, configs };
}

function Who(): ReactElement {
  const { isAuthenticated, session, guest } = useFanfareAuth();
  return <button onClick={() => void guest()}>{isAuthenticated ? session?.consumerId : "nobody"}</button>;
}

describe("the provider's SDK", () => {
  it("is made once under StrictMode, with one set of listeners and one journey", async () => {
    const { Provider, made } = watch();
    const clock = createHandClock();
    function Journey(): ReactElement {
      const { view } = useExperienceJourney("exp_launch", { autoStart: true });
      return <p>{view?.journeyStage ?? "loading"}</p>;
    }
    await acting(() =>
      render(
        <StrictMode>
          <Provider {...keys} platform={clock.platform}>
            <Journey />
          </Provider>
        </StrictMode>,
      ),
    );
    await acting(() => clock.runTasks());
    expect(made).toHaveLength(1);
    expect(made[0]?.isDestroyed).toBe(false);
    expect(made[0]?.journeys.get("exp_launch")?.starts).toBe(1);
    expect(screen.getByText("routing")).toBeTruthy();
  });

  it("gets every field of the configuration and nothing else", async () => {
    const { Provider, configs } = watch();
    const sync = { enabled: true, syncKeys: ["session"], channelName: "shop" } as const;
    await acting(() => render(<Provider {...keys} autoRestore={false} sessionDuration={600} sync={sync} storage="memory" />));
    expect(configs).toEqual([{ ...keys, autoRestore: false, sessionDuration: 600, sync, storage: "memory" }]);
  });

  it("is destroyed a task after the last unmount, and not before", async () => {
    const { Provider, made } = watch();
    const clock = createHandClock();
    const { unmount } = await acting(() => render(<Provider {...keys} platform={clock.platform} />));
    unmount();
    expect(made[0]?.isDestroyed).toBe(false);
    clock.runTasks();
    expect(made[0]?.isDestroyed).toBe(true);
  });

  it("is destroyed on arrival when the provider is gone before initialization ends", async () => {
    const clock = createHandClock();
    const stub = createStubSdk();
    const initialization = Promise.withResolvers<typeof stub.sdk>();
    const Provider = createFanfareProvider(() => initialization.promise);
    const { unmount } = await acting(() => render(<Provider {...keys} platform={clock.platform} />));
    unmount();
    clock.runTasks();
    await acting(() => initialization.resolve(stub.sdk));
    expect(stub.isDestroyed).toBe(true);
    expect(stub.listenerCount()).toBe(0);
  });

  it("survives renders with new inline objects, and keeps the listeners of its children", async () => {
    const { Provider, made } = watch();
    const page = (): ReactElement => (
      <Provider {...keys} sync={{ enabled: true }}>
        <Who />
      </Provider>
    );
    const { rerender } = await acting(() => render(page()));
    await acting(() => rerender(page()));
    expect(made).toHaveLength(1);
  });

  it("is replaced when the organization changes, and the old one is destroyed", async () => {
    const { Provider, made, configs } = watch();
    const clock = createHandClock();
    const page = (organizationId: string): ReactElement => (
      <Provider {...keys} organizationId={organizationId} platform={clock.platform}>
        <Who />
      </Provider>
    );
    const { rerender } = await acting(() => render(page("org_one")));
    await acting(() => screen.getByRole("button").click());
    expect(screen.queryByText("nobody")).toBeNull();
    await acting(() => rerender(page("org_two")));
    await acting(() => clock.runTasks());
    expect(configs.map((config) => config.organizationId)).toEqual(["org_one", "org_two"]);
    expect(made.map((stub) => stub.isDestroyed)).toEqual([true, false]);
    expect(screen.getByText("nobody")).toBeTruthy();
  });

  it("does not touch the SDK of another provider on the page", async () => {
    const { Provider, made } = watch();
    await acting(() =>
      render(
        <>
          <Provider {...keys} organizationId="org_one">
            <Who />
          </Provider>
          <Provider {...keys} organizationId="org_two">
            <Who />
          </Provider>
        </>,
      ),
    );
    const [one] = screen.getAllByRole("button");
    await acting(() => one?.click());
    expect(made.map((stub) => stub.guestCalls)).toEqual([1, 0]);
    expect(screen.getAllByText("nobody")).toHaveLength(1);
  });

  it("is made again when the tree comes back after its teardown", async () => {
    const { Provider, made } = watch();
    const clock = createHandClock();
    const page = (isThere: boolean): ReactElement => (isThere ? <Provider {...keys} platform={clock.platform} /> : <p>elsewhere</p>);
    const { rerender } = await acting(() => render(page(true)));
    await acting(() => rerender(page(false)));
    clock.runTasks();
    await acting(() => rerender(page(true)));
    expect(made.map((stub) => stub.isDestroyed)).toEqual([true, false]);
  });
});

describe("a mistake", () => {
  it("of calling a hook outside a provider is answered with the fix", () => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    const misuses: Readonly<Record<string, () => unknown>> = { useFanfare, useFanfareAuth, useExperienceJourney: () => useExperienceJourney("exp_launch") };
    for (const [name, useHook] of Object.entries(misuses)) {
      const Misuse = (): null => {
        useHook();
        return null;
      };
      expect(() => render(<Misuse />)).toThrow(new RegExp(`^${name}\\(\\) needs a <FanfareProvider>`));
    }
    vi.restoreAllMocks();
  });

  it("in the configuration reaches the page's monitoring, every call, and the journey's error", async () => {
    const reported: unknown[] = [];
    vi.stubGlobal("reportError", (error: unknown) => reported.push(error));
    const mistake = new Error("publishableKey is a secret key");
    const Provider = createFanfareProvider(() => Promise.reject(mistake));
    const refused: unknown[] = [];
    function Shop(): ReactElement {
      const { guest } = useFanfareAuth();
      const { error } = useExperienceJourney("exp_launch");
      return <button onClick={() => void guest().catch((reason: unknown) => refused.push(reason))}>{error?.message ?? "fine"}</button>;
    }
    await acting(() =>
      render(
        <Provider {...keys}>
          <Shop />
        </Provider>,
      ),
    );
    await acting(() => screen.getByText("publishableKey is a secret key").click());
    expect(refused).toEqual([mistake]);
    expect(reported).toEqual([mistake]);
    vi.unstubAllGlobals();
  });
});
