import { expect, test } from "vitest";
import { consumerId, startSdk, within } from "../testing/launch.ts";
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
