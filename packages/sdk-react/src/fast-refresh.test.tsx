// @vitest-environment happy-dom
import type { FanfareSDK } from "@fanfare-io/fanfare-sdk-core";
import type { ComponentType, ReactElement } from "react";
import { performReactRefresh, injectIntoGlobalHook, register, setSignature } from "react-refresh/runtime";
import { expect, it } from "vitest";
import type { PageWorld } from "./testing/page-world.ts";

// Fast Refresh has to be there before React's renderer is, so that everything with React in it is imported after it.
injectIntoGlobalHook(globalThis);
const { render, screen } = await import("@testing-library/react");
const { StrictMode, useEffect, useState } = await import("react");
const { createPageWorld } = await import("./testing/page-world.ts");
const { acting } = await import("./testing/react-page.ts");
const { FanfareProvider, useExperienceJourney, useFanfare, useFanfareAuth } = await import("./index.ts");

interface Seen {
  readonly sdks: Set<FanfareSDK>;
  authenticated: number;
}

/** A module of the host's as the bundler evaluates it after each edit: the same names, new functions. */
function evaluateModule(version: string, { platform }: PageWorld, seen: Seen, hooks = "useState"): ComponentType {
  function Shop(): ReactElement {
    const fanfare = useFanfare();
    const { session, guest } = useFanfareAuth();
    const { view } = useExperienceJourney("exp_launch", { autoStart: true });
    const [presses, setPresses] = useState(0);
    seen.sdks.add(fanfare);
    useEffect(() => fanfare.on("auth:authenticated", () => (seen.authenticated += 1)), [fanfare]);
    useEffect(() => void guest().catch(() => undefined), [guest]);
    return (
      <button onClick={() => setPresses(presses + 1)}>
        {`${version} ${presses} ${session ? "guest" : "nobody"} ${view?.journeyStage === "routed" ? view.sequence.phase : "on the way"}`}
      </button>
    );
  }
  function App(): ReactElement {
    useState(version);
    return (
      <StrictMode>
        <FanfareProvider organizationId="org_shop" publishableKey="pk_test_shop" apiUrl="https://api.test/api" platform={platform}>
          <Shop />
        </FanfareProvider>
      </StrictMode>
    );
  }
  register(Shop, "shop.tsx Shop");
  register(App, "shop.tsx App");
  setSignature(App, hooks);
  return App;
}

async function open(): Promise<{ world: PageWorld; seen: Seen; unmount: () => void }> {
  const world = createPageWorld();
  const seen: Seen = { sdks: new Set(), authenticated: 0 };
  const App = evaluateModule("first", world, seen);
  const { unmount } = await acting(() => render(<App />));
  await world.until("first 0 guest enterable");
  await acting(() => screen.getByRole("button").click());
  return { world, seen, unmount };
}

it("an edited component is refreshed in place: same SDK, same session, same listeners, its own state kept, nothing asked anew", async () => {
  const { world, seen, unmount } = await open();
  const before = { open: world.open(), requests: world.service.requests.length };
  for (const version of ["second", "third", "fourth"]) {
    evaluateModule(version, world, seen);
    await acting(() => performReactRefresh());
    await world.until(`${version} 1 guest enterable`);
  }
  expect({ open: world.open(), requests: world.service.requests.length }).toEqual(before);
  expect(seen.sdks.size).toBe(1);
  expect(seen.authenticated).toBe(1);
  unmount();
  await world.pass(0);
  expect(world.open()).toEqual({ timers: 0, channels: 0, wakers: 0 });
});

it("a module whose hooks have changed is mounted anew: the old SDK leaves nothing open, and the shopper stays who they are", async () => {
  const { world, seen, unmount } = await open();
  const before = world.open();
  for (const version of ["second", "third", "fourth"]) {
    evaluateModule(version, world, seen, `useState ${version}`);
    await acting(() => performReactRefresh());
    await world.until(`${version} 0 guest enterable`);
    expect(world.open()).toEqual(before);
  }
  expect(seen.sdks.size).toBe(4);
  expect(world.service.count("POST /auth/guest")).toBe(1);
  unmount();
  await world.pass(0);
  expect(world.open()).toEqual({ timers: 0, channels: 0, wakers: 0 });
});
