// @vitest-environment happy-dom
import { acting } from "./testing/react-page.ts";
import type { FanfareSDK } from "@fanfare-io/fanfare-sdk-core";
import { render } from "@testing-library/react";
import { StrictMode, useEffect } from "react";
import { describe, expect, it } from "vitest";
import { createFanfareProvider } from "./fanfare-provider.ts";
import { aGuest, createStubSdk, type StubSdk } from "./testing/stub-sdk.ts";
import { useFanfare } from "./use-fanfare.ts";

const keys = { organizationId: "org_shop", publishableKey: "pk_test_shop" } as const;

function With({ use }: { readonly use: (fanfare: FanfareSDK) => (() => void) | undefined }): null {
  const fanfare = useFanfare();
  useEffect(() => use(fanfare), [fanfare, use]);
  return null;
}

async function show(stub: StubSdk, use: (fanfare: FanfareSDK) => (() => void) | undefined): Promise<FanfareSDK> {
  const Provider = createFanfareProvider(() => Promise.resolve(stub.sdk));
  const { promise, resolve } = Promise.withResolvers<FanfareSDK>();
  await acting(() =>
    render(
      <StrictMode>
        <Provider {...keys}>
          <With
            use={(fanfare) => {
              resolve(fanfare);
              return use(fanfare);
            }}
          />
        </Provider>
      </StrictMode>,
    ),
  );
  return promise;
}

describe("useFanfare", () => {
  it("registers listeners at once, and each hears each fact once under StrictMode", async () => {
    const stub = createStubSdk();
    const heard: unknown[] = [];
    await show(stub, (fanfare) => fanfare.on("queue:left", (payload) => heard.push(payload)));
    const fact = { queueId: "queue_1", experienceId: "exp_launch" };
    stub.emit("queue:left", fact);
    expect(heard).toEqual([fact]);
  });

  it("tells a component's listener after the hooks know: a listener that reads the SDK sees the new session", async () => {
    const stub = createStubSdk();
    const heard: unknown[] = [];
    await show(stub, (fanfare) => fanfare.on("auth:authenticated", () => heard.push(fanfare.auth.check().session?.consumerId)));
    await acting(() => stub.signIn(aGuest));
    expect(heard).toEqual([aGuest.consumerId]);
  });

  it("hands out one journey handle an experience, which stands ready before the SDK does", async () => {
    const stub = createStubSdk();
    const initialization = Promise.withResolvers<FanfareSDK>();
    const Provider = createFanfareProvider(() => initialization.promise);
    let fanfare: FanfareSDK | undefined;
    await acting(() =>
      render(
        <Provider {...keys}>
          <With
            use={(sdk) => {
              fanfare = sdk;
              return undefined;
            }}
          />
        </Provider>,
      ),
    );
    const handle = fanfare?.journeys.get("exp_launch");
    expect(fanfare?.journeys.get("exp_launch")).toBe(handle);
    const view = handle?.view$.get();
    const stages: (string | undefined)[] = [];
    handle?.view$.listen((next) => stages.push(next.journeyStage));
    const started = view?.journeyStage === "ready" ? view.start() : undefined;
    await acting(async () => {
      initialization.resolve(stub.sdk);
      await started;
    });
    expect(stages).toEqual(["ready", "routing"]);
    expect(stub.journeys.get("exp_launch")?.starts).toBe(1);
  });
});
