import { expect, test } from "vitest";
import { createJourneysDoor } from "./journeys-door.ts";

const report = (error: unknown): void => {
  throw error;
};

test("journeys load nothing for a page that only asks who somebody is", async () => {
  let opened = 0;
  const open = (): Promise<never> => Promise.reject(new Error(`opened ${++opened}`));
  const door = createJourneysDoor({ open, hasRecords: async () => false, report });
  door.become("c1");
  expect(await door.active()).toMatchObject({ queues: {}, draws: {} });
  await door.resumeAll();
  await door.follow();
  door.wake();
  door.become(null);
  door.destroy();
  expect(opened).toBe(0);
});

test("a journey whose code cannot be fetched stays ready, says so to the act that needed it, and tries again with the next", async () => {
  let opened = 0;
  const open = (): Promise<never> => Promise.reject(new Error(`offline ${++opened}`));
  const journey = createJourneysDoor({ open, hasRecords: async () => false, report }).get("exp_1");
  for (const attempt of [1, 2]) {
    const view = journey.view$.get();
    if (view.journeyStage !== "ready") throw new Error("It is not ready.");
    await expect(view.start()).rejects.toMatchObject({ code: "NETWORK_ERROR", retryable: true });
    expect(opened).toBe(attempt);
    expect(journey.snapshot$.get()).toMatchObject({ experienceId: "exp_1", journeyStage: "ready", error: { code: "NETWORK_ERROR" } });
  }
});
