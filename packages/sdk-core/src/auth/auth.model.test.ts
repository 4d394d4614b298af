import fc from "fast-check";
import { expect, test } from "vitest";
import { startSdk } from "../testing/launch.ts";
import type { TestSdk } from "../testing/launch.ts";
import { scriptTruthfulSessions } from "../testing/session-service.ts";
import type { Fault } from "../testing/session-service.ts";
import { createTabWorld } from "../testing/tab-world.ts";
import type { Tab } from "../testing/tab-world.ts";

type Step =
  | { readonly act: "guest" | "refresh" | "logout" | "wake" | "reload"; readonly tab: number }
  | { readonly act: "wait"; readonly ms: number }
  | { readonly act: "befall"; readonly fault: Fault };

const tabs = 3;
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ act: fc.constantFrom("guest", "refresh", "wake", "reload" as const), tab: fc.nat(tabs - 1) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant("logout" as const), tab: fc.nat(tabs - 1) }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constant("wait" as const), ms: fc.constantFrom(1, 40, 500, 5_000, 70_000, 480_000, 900_000) }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant("befall" as const), fault: fc.constantFrom("lost_before", "lost_after", "slow" as const) }) },
);

async function play(history: readonly Step[], storageDelaysMs: readonly number[]): Promise<void> {
  const world = createTabWorld(storageDelaysMs);
  const { clock } = world;
  const service = scriptTruthfulSessions(world.service, clock);
  const open: { tab: Tab; run: TestSdk }[] = [];
  const begin = async (): Promise<{ tab: Tab; run: TestSdk }> => {
    const tab = world.openTab();
    return { tab, run: await startSdk(world, tab) };
  };
  for (let index = 0; index < tabs; index++) open.push(await begin());
  const revoked: unknown[] = [];
  const watch = ({ run }: { run: TestSdk }): void =>
    void run.sdk.on("auth:logout", ({ reason }) => {
      if (reason === "revoked") revoked.push(reason);
    });
  open.forEach(watch);
  let shopperLoggedOut = false;

  for (const next of history) {
    if (next.act === "wait") await clock.advance(next.ms);
    else if (next.act === "befall") service.befall(next.fault);
    else {
      const { tab, run } = open[next.tab]!;
      if (next.act === "wake") tab.wake();
      else if (next.act === "reload") {
        run.sdk.destroy();
        open[next.tab] = await begin();
        watch(open[next.tab]!);
      } else {
        shopperLoggedOut ||= next.act === "logout";
        // A renewal that nothing asked for, answered into a page that is closed before it can ask again, is lost on an unbound session by design.
        if (next.act === "refresh") service.befall("none");
        void run.sdk.auth[next.act]().catch(() => undefined);
        await clock.settle();
      }
    }
  }
  service.befall("none");
  await clock.advance(120_000);
  for (const { tab } of open) tab.wake();
  await clock.advance(120_000);

  const who = open.map(({ run }) => run.sdk.auth.getSession()?.consumerId ?? null);
  expect(new Set(who).size, `tabs disagree: ${who.join(", ")}`).toBe(1);
  // Nobody but the shopper's own logout may cost an honest session (I8).
  expect(service.reused()).toBe(0);
  if (!shopperLoggedOut) expect(revoked).toEqual([]);
  for (const { run } of open) run.sdk.destroy();
  expect(clock.pending()).toBe(0);
}

test("over any history of three tabs, lost and slow answers, reloads and long waits, all tabs end as one consumer and nobody honest is logged out (A1, A3, I8)", async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30 }), fc.array(fc.nat(30), { maxLength: 5 }), play), { numRuns: 1_000 });
}, 120_000);
