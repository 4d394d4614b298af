import { describe, expect, test } from "vitest";
import { boundWorld, open } from "../testing/bound-world.ts";
import { letterCode } from "../testing/known-consumers.ts";
import { queued, startSdk, tokens, within } from "../testing/launch.ts";
import type { TestSdk } from "../testing/launch.ts";
import { arrive, join, statusLine, world } from "../testing/shopper.ts";
import type { TabWorld } from "../testing/tab-world.ts";
import { unboundWorld } from "../testing/unbound-world.ts";

/** A tab that hears nothing of the others until it asks the storage: what it was asked to do ends after their logout. */
const deaf = (w: TabWorld): Promise<TestSdk> => startSdk(w, w.openTab(), { sync: { channelName: "elsewhere" } });

/** Nobody is here, nobody was told of, and the promise says why. */
async function endsAsNobody(w: TabWorld, { sdk, names }: TestSdk, asked: Promise<unknown>, told: readonly string[]): Promise<void> {
  await expect(within(w.clock, 10_000, asked)).rejects.toMatchObject({ code: "SESSION_ENDED" });
  expect(sdk.auth.getSession()).toBeNull();
  expect(names()).toEqual(told);
  expect(w.shelf.kept.get("session")).toBeUndefined();
}

describe("what was asked for before another tab logged out, and is answered after it,", () => {
  test("brings back no guest, who would be told as new by two tabs (S2, S29)", async () => {
    const w = boundWorld();
    const [slow, other] = [await deaf(w), await open(w)];
    w.bound.befall("slow");
    const asked = slow.sdk.auth.guest();
    await w.clock.advance(100);
    await within(w.clock, 100, other.sdk.auth.guest());
    await within(w.clock, 100, other.sdk.auth.logout());
    await endsAsNobody(w, slow, asked, ["auth:error"]);
    expect(w.shelf.kept.get("key")).toBeUndefined();
  });

  test("brings back no guest without a key either (S2, S29)", async () => {
    const w = unboundWorld();
    let asked = 0;
    w.service.answer("POST /auth/guest", () => {
      const answer = { status: asked === 0 ? 201 : 200, body: tokens(w.clock) };
      return asked++ === 0 ? new Promise((resolve) => void w.clock.setTimeout(() => resolve(answer), 1_000)) : answer;
    });
    const [slow, other] = [await deaf(w), await startSdk(w, w.openTab())];
    const guest = slow.sdk.auth.guest();
    await w.clock.advance(100);
    await within(w.clock, 100, other.sdk.auth.guest());
    await within(w.clock, 100, other.sdk.auth.logout());
    await endsAsNobody(w, slow, guest, ["auth:error"]);
    expect(w.shelf.kept.get("install")).toBeUndefined();
  });

  test("makes nobody known who left as a guest (S29, S41)", async () => {
    const w = boundWorld();
    const slow = await deaf(w);
    await within(w.clock, 100, slow.sdk.auth.guest());
    const other = await open(w);
    const email = "ann@shop.example";
    await within(w.clock, 100, slow.sdk.auth.requestOtp({ email }));
    w.bound.befall("slow");
    const proved = slow.sdk.auth.verifyOtp({ email, code: letterCode });
    await w.clock.advance(100);
    await within(w.clock, 100, other.sdk.auth.logout());
    await endsAsNobody(w, slow, proved, ["auth:authenticated", "auth:logout", "auth:error"]);
    expect(w.shelf.kept.get("key")).toBeUndefined();
  });

  test("takes the place of nobody who has come since (S29, S41)", async () => {
    const w = boundWorld();
    const slow = await deaf(w);
    await within(w.clock, 100, slow.sdk.auth.guest());
    const other = await open(w);
    const email = "ann@shop.example";
    await within(w.clock, 100, slow.sdk.auth.requestOtp({ email }));
    w.bound.befall("slow");
    const proved = slow.sdk.auth.verifyOtp({ email, code: letterCode }).catch((error: unknown) => error);
    await w.clock.advance(100);
    await within(w.clock, 100, other.sdk.auth.logout());
    const next = await within(w.clock, 100, other.sdk.auth.guest());
    await within(w.clock, 10_000, proved);
    expect(other.sdk.auth.getSession()).toEqual(next);
    expect(slow.sdk.auth.getSession()?.consumerId).toBe(next.consumerId);
  });
});

test("a page that was frozen in a line asks nothing for who has left meanwhile: what fell due waits for what is stored (S31, A9, M18)", async () => {
  const w = world();
  const shopper = await arrive(w);
  await join(shopper);
  const other = await startSdk(w, w.openTab());
  shopper.tab.freeze();
  await within(w.clock, 100, other.sdk.auth.logout());
  await w.clock.advance(120_000);
  const before = w.service.count(statusLine);
  shopper.tab.thaw();
  await w.clock.advance(60_000);
  expect([w.service.count(statusLine) - before, shopper.stages.at(-1), shopper.names().at(-1)]).toEqual([0, "ready", "auth:logout"]);
});

test("a page that was frozen in a line, and is somebody still, asks again at once (S31)", async () => {
  const w = world();
  w.service.answer(statusLine, { status: 200, body: queued(2) });
  const shopper = await arrive(w);
  await join(shopper);
  shopper.tab.freeze();
  await w.clock.advance(120_000);
  const before = w.service.count(statusLine);
  shopper.tab.thaw();
  await w.clock.advance(100);
  expect([w.service.count(statusLine) - before, shopper.stages.at(-1)]).toEqual([1, "participating"]);
});
