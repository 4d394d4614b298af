import { expect, test } from "vitest";
import type { BotCheck } from "@fanfare-io/fanfare-contract";
import { queued } from "../../testing/launch.ts";
import { refusal } from "../../testing/scripted-service.ts";
import { arrive, beAdmitted, enterLine, join, sequenceOf, statusLine } from "../../testing/shopper.ts";
import type { Shopper } from "../../testing/shopper.ts";

const check: BotCheck = { gate: "bot_check", reasons: ["address_shared"], heldUntil: "2026-11-22T11:00:00.000Z" };
const shownCheck = (shopper: Shopper): BotCheck | undefined => {
  const { display$ } = sequenceOf(shopper, "participating");
  const display = display$.get();
  return "check" in display ? display.check : undefined;
};

/** Somebody in line who is asked from now on, until they have entered once more. */
async function askInMidWait(shopper: Shopper, answers: () => ReturnType<typeof refusal>): Promise<void> {
  const { service } = shopper.w;
  service.answer(enterLine, answers);
  service.answer(statusLine, () => ({ status: 200, body: queued(2, { check }) }));
  await shopper.w.clock.advance(6_000);
}

test("what is asked in the middle of a wait is answered by entering once more, though the token has run out meanwhile", async () => {
  const shopper = await arrive();
  await join(shopper);
  const { service, clock } = shopper.w;
  await askInMidWait(shopper, () => {
    if (service.requests.at(-1)?.headers.get("authorization") === "Bearer at-1") return refusal(401, "invalid_access_token");
    service.answer(statusLine, { status: 200, body: queued(1) });
    return { status: 200, body: { ...queued(2), pollToken: "poll-2" } };
  });
  expect(service.requests.filter(({ line }) => line === enterLine).map(({ headers }) => headers.get("authorization"))).toEqual([
    "Bearer at-1",
    "Bearer at-1",
    "Bearer at-2",
  ]);
  expect(shownCheck(shopper)).toBeUndefined();
  expect(shopper.names().filter((name) => name === "queue:entered")).toHaveLength(1);
  await beAdmitted(shopper);
  await clock.advance(1_000);
  expect(sequenceOf(shopper, "granted").grant.token).toBe("grant-token-1");
});

test("an answer that does not arrive is given again with a later look, while the page says what is asked", async () => {
  const shopper = await arrive();
  await join(shopper);
  const { clock } = shopper.w;
  let tries = 0;
  await askInMidWait(shopper, () => (++tries < 3 ? refusal(503, "service_unavailable", {}, { "retry-after": "2" }) : { status: 200, body: queued(2) }));
  expect(shownCheck(shopper)).toEqual(check);
  await clock.advance(30_000);
  expect(tries).toBeGreaterThanOrEqual(3);
});
