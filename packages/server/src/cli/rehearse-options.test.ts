import { expect, test } from "vitest";
import { readRehearsalOptions } from "./rehearse-options.ts";

const read = (line: string) => readRehearsalOptions(line.split(" "), {});

test("a rehearsal is asked for in words, and what is not said is ordinary", () => {
  const { scenario, limits, nodes, faultEverySeconds } = read(
    "--simulate --shoppers 5000 --arrivals bots --bots 0.4 --rate 90 --capacity 30 --nodes 3 --faults 20",
  );
  expect(scenario).toMatchObject({ shoppers: 5_000, law: "bots", botShare: 0.4, abandonShare: 0.1, seed: 1 });
  expect(limits).toEqual({ admitRate: 90, capacity: 30, maxAdmissions: null, admissionExpirationSeconds: 600 });
  expect([nodes, faultEverySeconds]).toEqual([3, 20]);
});

test.each([
  ["--simulate --shoppers many", '--shoppers has to be a whole number from 1 to 10000000, not "many".'],
  ["--simulate --shoppers 0", '--shoppers has to be a whole number from 1 to 10000000, not "0".'],
  ["--simulate --abandon 1.5", '--abandon has to be a number from 0 to 1, not "1.5".'],
  ["--simulate --arrivals flood", '--arrivals has to be one of step, poisson, spike, bots, not "flood".'],
  ["--simulate --rate 1.5", '--rate has to be a whole number of at least 0, not "1.5".'],
])("%s is refused with the option to put right", (line, message) => {
  expect(() => read(line)).toThrow(message);
});
