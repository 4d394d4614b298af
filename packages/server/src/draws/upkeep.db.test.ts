import { readContinuation, verifyTranscript } from "@fanfare-io/fanfare-draw-proof";
import { expect, test } from "vitest";
import { recordBeacon } from "../data/draw-beacons.ts";
import { readDrawGrants, readWins } from "../data/draw-results.ts";
import { findDueDraws } from "../data/draws.ts";
import { revokeParticipations } from "../data/end-participations.ts";
import { dyingAfter } from "./testing/conducting.ts";
import { hourMs, quicknet, setDrawStage } from "./testing/draw-stage.ts";

const stage = setDrawStage();
const isDue = async (): Promise<boolean> =>
  (await findDueDraws(stage.db(), new Date(stage.clock().now()))).some(({ organizationId }) => organizationId === stage.key().organizationId);

test("the job looks at a draw only when there is something to do", async () => {
  await stage.make({ winnerCount: 2, seed: 1, beacon: { chainHash: quicknet, round: 7, at: new Date(stage.clock().now() + 2 * hourMs) } });
  await stage.fill(3);
  expect(await isDue()).toBe(false);
  stage.clock().turn(hourMs);
  expect(await isDue()).toBe(true);
  await stage.conduct();
  stage.clock().turn(2 * hourMs);
  // The round is over, and nobody brought its signature.
  expect(await isDue()).toBe(false);
  await recordBeacon(stage.db(), stage.key(), { chainHash: quicknet, round: 7 }, new Uint8Array(48).fill(1));
  expect(await isDue()).toBe(true);
  await stage.conduct();
  expect(await stage.current()).toMatchObject({ offered: 2, settledAt: null });
  expect(await isDue()).toBe(false);
  stage.clock().turn(700_000);
  expect(await isDue()).toBe(true);
  await stage.conduct();
  expect(await stage.current()).toMatchObject({ settledAt: stage.clock().now() });
  expect(await isDue()).toBe(false);
});

test.each([true, false])("killed at any statement (which arrives: %s) while wins are given on, each is given once, and in public", async (arrives) => {
  let survived = false;
  for (let statements = 0; !survived; statements++) {
    stage.rewind();
    await stage.make({ winnerCount: 3, seed: 11, continueSelecting: true });
    await stage.fill(8);
    stage.clock().turn(hourMs);
    await stage.conduct();
    const [first] = await readWins(stage.db(), stage.key());
    const { drawId: distributionId, organizationId } = stage.key();
    const taken = { kind: "grant", distributionId, grantId: first?.grantId ?? "" } as const;
    await revokeParticipations(stage.db(), organizationId, taken, "BOT_DETECTED", new Date(stage.clock().now()));
    stage.clock().turn(700_000);
    survived = await stage.conduct(dyingAfter(stage.db(), statements, arrives)).then(
      () => true,
      () => false,
    );
    await Promise.all([stage.conduct(), stage.conduct()]);
    await stage.conduct();
    const told = await stage.transcript();
    expect(verifyTranscript(told).checks.filter(({ holds }) => holds !== true)).toEqual([]);
    const given = told.continuations.map(({ text }) => readContinuation(text) ?? expect.fail("a continuation"));
    expect(given.flatMap(({ withdrawn }) => withdrawn)).toEqual([first?.ticket]);
    expect(given.flatMap(({ winners }) => winners)).toHaveLength(3);
    expect(await readDrawGrants(stage.db(), stage.key())).toMatchObject({ active: 3 });
    expect(await stage.current()).toMatchObject({ offered: 6 });
  }
});
