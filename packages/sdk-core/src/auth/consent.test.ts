import { expect, test } from "vitest";
import { consumerId, startSdk, tokens, within } from "../testing/launch.ts";
import { unboundWorld } from "../testing/unbound-world.ts";

test("signals go with the guest, and the consent with each renewal, only where the shopper agreed (S43)", async () => {
  const w = unboundWorld();
  const { sdk } = await startSdk(w, w.openTab(), { privacy: { sessionSignals: true } });
  await within(w.clock, 100, sdk.auth.guest());
  await within(w.clock, 100, sdk.auth.refresh());
  const [made, renewed] = w.service.requests;
  expect(made?.body["sessionSignals"]).toMatchObject({ platform: expect.any(String) });
  expect(renewed?.body["sessionSignals"]).toBe(true);
});

test.each([undefined, {}, { sessionSignals: false }])("without consent (%j) nothing is read and nothing is said (S43)", async (privacy) => {
  const w = unboundWorld();
  const { sdk } = await startSdk(w, w.openTab(), privacy && { privacy });
  await within(w.clock, 100, sdk.auth.guest());
  await within(w.clock, 100, sdk.auth.refresh());
  expect(w.service.requests.map(({ body }) => Object.keys(body))).toEqual([["installSecret"], ["refreshToken"]]);
});

test("consent that is withdrawn at the next start is said by the next renewal's silence, and the session goes on (S43, M40)", async () => {
  const w = unboundWorld();
  const before = await startSdk(w, w.openTab(), { privacy: { sessionSignals: true } });
  await within(w.clock, 100, before.sdk.auth.guest());
  before.sdk.destroy();
  const { sdk } = await startSdk(w, w.openTab(), { privacy: { sessionSignals: false } });
  const session = await within(w.clock, 100, sdk.auth.refresh());
  expect(session.consumerId).toBe(consumerId);
  expect(session.sessionSignals).toBeUndefined();
  expect(w.service.count("POST /auth/guest")).toBe(1);
  expect(Object.keys(w.service.requests.at(-1)?.body ?? {})).toEqual(["refreshToken"]);
});

test("consent that is withdrawn while the guest is being made: nothing more is read or said, and the guest is one (S43, M40)", async () => {
  const w = unboundWorld();
  w.service.answer("POST /auth/guest", () => new Promise((resolve) => void w.clock.setTimeout(() => resolve({ status: 201, body: tokens(w.clock) }), 1_000)));
  const before = await startSdk(w, w.openTab(), { privacy: { sessionSignals: true } });
  const making = before.sdk.auth.guest().catch(({ code }: { code: string }) => code);
  await w.clock.advance(100);
  // As a page does whose banner was answered anew.
  before.sdk.destroy();
  const after = await startSdk(w, w.openTab(), { privacy: { sessionSignals: false } });
  await within(w.clock, 2_000, after.sdk.auth.guest());
  expect(await making).toBe("DESTROYED");
  const made = w.service.requests.filter(({ path }) => path === "/auth/guest").map(({ body }) => body);
  expect(made.map((body) => "sessionSignals" in body)).toEqual([true, false]);
  expect(new Set(made.map((body) => body["installSecret"])).size).toBe(1);
  expect(after.told).toMatchObject([{ event: "auth:authenticated", payload: { isNew: true } }]);
  await within(w.clock, 100, after.sdk.auth.refresh());
  expect(Object.keys(w.service.requests.at(-1)?.body ?? {})).toEqual(["refreshToken"]);
});
