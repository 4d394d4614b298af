// @vitest-environment happy-dom
import { acting } from "./testing/react-page.ts";
import type { FanfareSDK, GuestSession, Session } from "@fanfare-io/fanfare-sdk-core";
import { render, screen } from "@testing-library/react";
import { type ReactElement, StrictMode, useEffect, useState } from "react";
import { describe, expect, it } from "vitest";
import { createFanfareProvider } from "./fanfare-provider.ts";
import { aGuest, createStubSdk, type StubSdk } from "./testing/stub-sdk.ts";
import type { FanfareAuth } from "./facade/auth.ts";
import { useFanfareAuth } from "./use-fanfare-auth.ts";

const identified: Session = Object.freeze({
  type: "authenticated",
  consumerId: "0195f2c8-0000-7000-8000-000000000002",
  expiresAt: "2026-11-22T13:00:00.000Z",
  bound: false,
});

function page(stub: StubSdk, child: ReactElement, initialization: Promise<FanfareSDK> = Promise.resolve(stub.sdk)): ReactElement {
  const Provider = createFanfareProvider(() => initialization);
  return (
    <StrictMode>
      <Provider organizationId="org_shop" publishableKey="pk_test_shop">
        {child}
      </Provider>
    </StrictMode>
  );
}

/** Becomes a guest on mount, as the guide's pages do. */
function AutoGuest(): ReactElement {
  const { isAuthenticated, isGuest, session, guest } = useFanfareAuth();
  const [isInitializing, setIsInitializing] = useState(true);
  const [failure, setFailure] = useState<string | null>(null);
  useEffect(() => {
    async function init(): Promise<void> {
      if (!isAuthenticated) await guest();
      setIsInitializing(false);
    }
    init().catch((error: unknown) => setFailure(String(error)));
  }, [isAuthenticated, guest]);
  if (failure !== null) return <p>{failure}</p>;
  return <p>{isInitializing ? "preparing" : `${isGuest ? "guest" : "identified"} ${session?.consumerId}`}</p>;
}

function Renders({ onRender }: { readonly onRender: (auth: FanfareAuth) => void }): null {
  onRender(useFanfareAuth());
  return null;
}

describe("useFanfareAuth", () => {
  it("knows nobody at first, then the restored guest, whom guest() called on mount returns instead of a new one", async () => {
    const stub = createStubSdk(aGuest);
    const initialization = Promise.withResolvers<FanfareSDK>();
    await acting(() => render(page(stub, <AutoGuest />, initialization.promise)));
    expect(screen.getByText("preparing")).toBeTruthy();
    expect(stub.guestCalls).toBe(0);
    await acting(() => initialization.resolve(stub.sdk));
    expect(screen.getByText(`guest ${aGuest.consumerId}`)).toBeTruthy();
  });

  it("makes a guest on mount where none is stored", async () => {
    await acting(() => render(page(createStubSdk(), <AutoGuest />)));
    expect(screen.getByText(`guest ${aGuest.consumerId}`)).toBeTruthy();
  });

  it("answers guest() with a restored identified session when it was asked before that could be known", async () => {
    await acting(() => render(page(createStubSdk(identified), <AutoGuest />)));
    expect(screen.getByText(`identified ${identified.consumerId}`)).toBeTruthy();
  });

  it("lets core refuse guest() once the identified session is known", async () => {
    const seen: FanfareAuth[] = [];
    await acting(() => render(page(createStubSdk(identified), <Renders onRender={(auth) => seen.push(auth)} />)));
    await expect(seen.at(-1)?.guest()).rejects.toThrow("ALREADY_IDENTIFIED");
  });

  it("keeps the identity of its functions through every change of session", async () => {
    const stub = createStubSdk();
    const seen: FanfareAuth[] = [];
    await acting(() => render(page(stub, <Renders onRender={(auth) => seen.push(auth)} />)));
    await acting(() => stub.signIn(aGuest));
    await acting(() => seen.at(-1)?.logout());
    expect(seen.some((auth) => auth.isAuthenticated)).toBe(true);
    expect(seen.at(-1)).toMatchObject({ isAuthenticated: false, isGuest: false, session: undefined });
    for (const name of ["guest", "requestOtp", "verifyOtp", "beginExternal", "exchangeExternal", "logout"] as const) {
      expect(new Set(seen.map((auth) => auth[name])).size, name).toBe(1);
    }
  });

  it("goes from guest to known without anybody being gone in between, for a banner that shows itself to guests only", async () => {
    const stub = createStubSdk(aGuest);
    const seen: FanfareAuth[] = [];
    await acting(() => render(page(stub, <Renders onRender={(auth) => seen.push(auth)} />)));
    await acting(() => seen.at(-1)?.requestOtp({ email: "ann@shop.example" }));
    expect(seen.at(-1)?.isGuest).toBe(true);
    await acting(() => seen.at(-1)?.verifyOtp({ email: "ann@shop.example", code: "123456" }));
    expect(stub.asked).toEqual([{ email: "ann@shop.example" }]);
    const shown = seen.filter((auth) => auth.session !== undefined);
    expect(shown.every((auth) => auth.isAuthenticated)).toBe(true);
    expect(shown.at(-1)).toMatchObject({ isGuest: false, session: { type: "authenticated", email: "ann@shop.example", consumerId: aGuest.consumerId } });
  });

  it("renders again when the session changes, and not when it is told the same again or a line moves", async () => {
    const stub = createStubSdk(aGuest);
    const seen: FanfareAuth[] = [];
    await acting(() => render(page(stub, <Renders onRender={(auth) => seen.push(auth)} />)));
    const before = seen.length;
    const copy: GuestSession = { ...aGuest };
    await acting(() => {
      stub.emit("auth:refreshed", { session: copy });
      stub.emit("queue:position-changed", { queueId: "queue_1", experienceId: "exp_launch", position: 4, estimatedWait: null });
    });
    expect(seen).toHaveLength(before);
    await acting(() => stub.signIn({ ...aGuest, expiresAt: "2026-11-22T14:00:00.000Z" }));
    expect(seen.at(-1)?.session?.expiresAt).toBe("2026-11-22T14:00:00.000Z");
  });
});
