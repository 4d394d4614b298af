import { expect, test } from "vitest";
import { readRehearsalOptions } from "./rehearse-options.ts";

const keys = { FANFARE_PUBLISHABLE_KEY: "pk_test_demo", FANFARE_SECRET_KEY: "sk_test_demo", CONSUMER_PORT: "5802", ADMIN_PORT: "5800" };
const read = (line: string, environment = {}) => readRehearsalOptions(line.split(" "), environment);

test("a simulation is asked for in words, and what is not said is ordinary", () => {
  expect(read("--simulate --shoppers 5000 --arrivals bots --bots 0.4 --rate 90 --capacity 30 --nodes 3 --faults 20")).toMatchObject({
    kind: "simulated",
    scenario: { shoppers: 5_000, law: "bots", botShare: 0.4, abandonShare: 0.1, seed: 1 },
    limits: { admitRate: 90, capacity: 30, maxAdmissions: null, admissionExpirationSeconds: 600 },
    nodes: 3,
    faultEverySeconds: 20,
  });
});

test("a live rehearsal takes its keys from the environment and finds the service where it is by default", () => {
  expect(read("--queue queue_line", keys)).toMatchObject({
    kind: "live",
    target: {
      queueId: "queue_line",
      publishableKey: "pk_test_demo",
      secretKey: "sk_test_demo",
      consumerUrl: "http://127.0.0.1:5802/api",
      adminUrl: "http://127.0.0.1:5800/api",
    },
    confirmed: false,
    reportFile: "fanfare-rehearsal.html",
  });
});

test.each([
  ["--simulate --shoppers many", '--shoppers has to be a whole number from 1 to 10000000, not "many".'],
  ["--simulate --shoppers 0", '--shoppers has to be a whole number from 1 to 10000000, not "0".'],
  ["--simulate --abandon 1.5", '--abandon has to be a number from 0 to 1, not "1.5".'],
  ["--simulate --arrivals flood", '--arrivals has to be one of step, poisson, spike, bots, not "flood".'],
  ["--simulate --rate 1.5", '--rate has to be a whole number of at least 0, not "1.5".'],
  ["--simulate --queue queue_line", "--queue only goes with a running service."],
  ["--queue queue_line --rate 60", "--rate only goes with --simulate."],
  ["--shoppers 10", "fanfare rehearse needs --queue, or --simulate."],
  ["--queue queue_line", "fanfare rehearse needs --publishable-key or FANFARE_PUBLISHABLE_KEY, or --simulate."],
  ["--queue q --publishable-key pk_a --secret-key sk_a --admin-url ftp://x", '--admin-url has to be an http or https address, not "ftp://x".'],
])("%s is refused with the option to put right", (line, message) => {
  expect(() => read(line)).toThrow(message);
});
