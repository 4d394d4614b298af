import { expect, test, vi } from "vitest";
import { judgeEstimates } from "./estimates.ts";
import { findVerdicts } from "./verdicts.ts";
import { ordinaryScenario } from "./scenario.ts";
import type { QueueLimits, Scenario } from "./scenario.ts";
import { simulate } from "./simulate.ts";
import type { Simulation } from "./simulate.ts";
import { arrivalLaws } from "./arrivals.ts";

// Minutes of a launch take seconds of a machine, and more where others work as well.
vi.setConfig({ testTimeout: 60_000 });

const limits: QueueLimits = { admitRate: 1_200, capacity: null, maxAdmissions: null, admissionExpirationSeconds: 120 };

async function play(
  scenario: Partial<Scenario>,
  queue: Partial<QueueLimits> = {},
  faults: { nodes: number; every: number | null } = { nodes: 1, every: null },
) {
  return simulate({ scenario: { ...ordinaryScenario, ...scenario }, limits: { ...limits, ...queue }, nodes: faults.nodes, faultEverySeconds: faults.every });
}

function broken({ recording, watch }: Simulation, queue: Partial<QueueLimits> = {}): readonly string[] {
  const verdicts = findVerdicts({
    recording,
    limits: { ...limits, ...queue },
    judged: watch.judged,
    mostInside: watch.mostInside,
    granted: watch.granted,
    twice: null,
  });
  return verdicts.filter(({ verdict }) => verdict === "broken").map(({ id, fact }) => `${id}: ${fact}`);
}

test.each(arrivalLaws)("a launch that arrives as a %s lets everybody through who waits for it, and breaks no promise", async (law) => {
  const queue = { admitRate: 600 };
  const simulation = await play({ shoppers: 1_800, law, abandonShare: 0 }, queue);
  expect(simulation.finished).toBe(true);
  expect(simulation.recording.perSecond.admitted.total()).toBe(1_800);
  expect(broken(simulation, queue)).toEqual([]);
  expect(simulation.watch.judged.filter(Boolean).length).toBeGreaterThan(0);
});

test("three nodes that die, freeze, stall and lose answers never pass a cap, never lose a place, and show no position that rises", async () => {
  const queue = { capacity: 40, maxAdmissions: 500, admitRate: 2_400, admissionExpirationSeconds: 60 };
  for (const seed of [1, 2]) {
    const simulation = await play({ seed, shoppers: 600, shoppingSeconds: 5 }, queue, { nodes: 3, every: 8 });
    expect(broken(simulation, queue)).toEqual([]);
    expect(simulation.watch.mostInside).toBe(40);
    expect(simulation.watch.faults).toBeGreaterThan(8);
  }
});

test("after a fault the line goes on, and what was missed is caught up without a rush", async () => {
  const simulation = await play({ shoppers: 3_000, abandonShare: 0 }, {}, { nodes: 3, every: 45 });
  expect(simulation.finished).toBe(true);
  expect(simulation.recording.perSecond.admitted.total()).toBe(3_000);
  expect(broken(simulation)).toEqual([]);
});

test("where slots bound the line from its first minute, and one in seven lets the turn lapse, nine of ten turns come when it was said", async () => {
  const queue = { capacity: 250, admitRate: 1_500, admissionExpirationSeconds: 600 };
  const { recording } = await play({ shoppers: 5_000, law: "spike", arrivalSeconds: 120 }, queue);
  const { covered, medianError, compared } = judgeEstimates(recording);
  expect(compared).toBeGreaterThan(3_000);
  expect(covered).toBeGreaterThanOrEqual(0.9);
  expect(medianError).toBeLessThanOrEqual(0.1);
});

test("the same seed plays the same launch, and another seed another", async () => {
  const course = async (seed: number): Promise<readonly (readonly number[])[]> => {
    const { recording } = await play({ seed, shoppers: 400 }, {}, { nodes: 2, every: 20 });
    return [recording.perSecond.admitted.values(), [...recording.seen.ticket], recording.perSecond.requests.values()];
  };
  const first = await course(7);
  expect(await course(7)).toEqual(first);
  expect(await course(8)).not.toEqual(first);
});

test("whoever asks to stop is heard, and gets what there is so far", async () => {
  const simulation = await simulate({
    ...{ scenario: { ...ordinaryScenario, shoppers: 2_000 }, limits, nodes: 1, faultEverySeconds: null },
    onProgress: async ({ second }) => second < 20,
  });
  expect([simulation.finished, simulation.seconds]).toEqual([false, 20]);
  expect(simulation.recording.perSecond.admitted.total()).toBeGreaterThan(300);
});
