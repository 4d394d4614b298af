// @vitest-environment happy-dom
import { acting } from "./testing/react-page.ts";
import { type ReactElement, Suspense, use } from "react";
import { hydrateRoot, type Root } from "react-dom/client";
import { renderToString } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { createFanfareProvider } from "./fanfare-provider.ts";
import { aGuest, createStubSdk } from "./testing/stub-sdk.ts";
import { useExperienceJourney } from "./use-experience-journey.ts";
import { useFanfare } from "./use-fanfare.ts";
import { useFanfareAuth } from "./use-fanfare-auth.ts";

function Shop(): ReactElement {
  const { isAuthenticated, isGuest, session } = useFanfareAuth();
  const { view } = useExperienceJourney("exp_launch", { autoStart: true });
  useFanfare();
  return (
    <p>
      {isAuthenticated ? session?.consumerId : "nobody"} {isGuest ? "guest" : "-"} {view?.journeyStage ?? "loading"}
    </p>
  );
}

describe("rendering on the server", () => {
  it("renders nothing but the children, and initializes nothing", () => {
    let initializations = 0;
    const Provider = createFanfareProvider(() => {
      initializations += 1;
      return Promise.resolve(createStubSdk(aGuest).sdk);
    });
    const page = (children?: ReactElement): string =>
      renderToString(
        <Provider organizationId="org_shop" publishableKey="pk_test_shop">
          {children}
        </Provider>,
      );
    expect(page()).toBe("");
    expect(page(<b>open</b>)).toBe("<b>open</b>");
    expect(page(<Shop />)).toContain("nobody");
    expect(initializations).toBe(0);
  });

  it("hydrates without a mismatch on a page whose session is stored", async () => {
    const Provider = createFanfareProvider(() => Promise.resolve(createStubSdk(aGuest).sdk));
    const page = (
      <Provider organizationId="org_shop" publishableKey="pk_test_shop">
        <Shop />
      </Provider>
    );
    const container = document.createElement("div");
    container.innerHTML = renderToString(page);
    const recovered: unknown[] = [];
    let root: Root | undefined;
    await acting(() => {
      root = hydrateRoot(container, page, { onRecoverableError: (error) => recovered.push(error) });
    });
    expect(recovered).toEqual([]);
    expect(container.textContent).toBe(`${aGuest.consumerId} guest routing`);
    await acting(() => root?.unmount());
  });

  it("hydrates a part that comes late, when the session is long restored, without a mismatch", async () => {
    const stub = createStubSdk(aGuest);
    const Provider = createFanfareProvider(() => Promise.resolve(stub.sdk));
    const code = Promise.withResolvers<void>();
    let isOnServer = true;
    function Late(): ReactElement {
      if (!isOnServer) use(code.promise);
      return <Shop />;
    }
    const page = (
      <Provider organizationId="org_shop" publishableKey="pk_test_shop">
        <Shop />
        <Suspense fallback="one moment">
          <Late />
        </Suspense>
      </Provider>
    );
    const container = document.createElement("div");
    container.innerHTML = renderToString(page);
    isOnServer = false;
    const recovered: unknown[] = [];
    let root: Root | undefined;
    await acting(() => {
      root = hydrateRoot(container, page, { onRecoverableError: (error) => recovered.push(error) });
    });
    expect([...container.querySelectorAll("p")].map(({ textContent }) => textContent)).toEqual([`${aGuest.consumerId} guest routing`, "nobody - loading"]);
    await acting(() => code.resolve());
    expect(recovered).toEqual([]);
    expect([...container.querySelectorAll("p")].map(({ textContent }) => textContent)).toEqual(Array(2).fill(`${aGuest.consumerId} guest routing`));
    await acting(() => root?.unmount());
  });
});
