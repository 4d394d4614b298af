import type { ChallengeAnswer, ChallengeEffort } from "@fanfare-io/fanfare-contract";
import { solveChallenge } from "altcha-lib";
import { deriveKey } from "altcha-lib/algorithms/scrypt";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createChallenges } from "./challenges.ts";

let now = Date.now();
const difficulty = { cost: 16, most: 9 };
const costs = { guest: difficulty, enter: difficulty, otp: difficulty };
const challenges = createChallenges({ secret: new Uint8Array(32).fill(1), now: () => now, costs });

const guestWork = { purpose: "guest", effort: "normal" } as const;

async function solved(effort: ChallengeEffort = "normal"): Promise<ChallengeAnswer> {
  const challenge = await challenges.make("org_a", { ...guestWork, effort }, "203.0.113.7");
  if (challenge === null) throw new Error("No challenge was made.");
  const solution = await solveChallenge({ challenge, deriveKey });
  if (solution === null) throw new Error("The challenge has no solution.");
  return { challenge, solution: { counter: solution.counter, derivedKey: solution.derivedKey } };
}

test("a challenge takes no more tries than it was made to take at most, and is solved by its library", async () => {
  for (let round = 0; round < 5; round++) {
    const answer = await solved();
    expect(answer.solution.counter).toBeLessThan(difficulty.most);
    expect(await challenges.check("org_a", guestWork, answer)).toBe("right");
  }
});

test("an answer is worth nothing for another organization or purpose, with anything changed, of another secret, or after five minutes", async () => {
  const answer = await solved();
  const { challenge, solution } = answer;
  expect(await challenges.check("org_b", guestWork, answer)).toBe("wrong");
  expect(await challenges.check("org_a", { ...guestWork, purpose: "enter" }, answer)).toBe("wrong");
  const spoil = (change: Partial<ChallengeAnswer["challenge"]["parameters"]>): ChallengeAnswer => ({
    solution,
    challenge: { ...challenge, parameters: { ...challenge.parameters, ...change } },
  });
  for (const bad of [
    spoil({ cost: 2 }),
    spoil({ keyPrefix: "00" }),
    spoil({ nonce: "00" }),
    spoil({ expiresAt: challenge.parameters.expiresAt + 1 }),
    spoil({ data: { organizationId: "org_b", purpose: "guest" } }),
    spoil({ data: { organizationId: "org_a", purpose: "enter" } }),
  ])
    expect(await challenges.check(bad.challenge.parameters.data.organizationId, { ...guestWork, ...bad.challenge.parameters.data }, bad)).toBe("wrong");
  expect(await challenges.check("org_a", guestWork, { challenge, solution: { ...solution, derivedKey: challenge.parameters.keyPrefix.padEnd(64, "0") } })).toBe(
    "wrong",
  );
  expect(await createChallenges({ secret: new Uint8Array(32).fill(2), now: () => now, costs }).check("org_a", guestWork, answer)).toBe("wrong");
  now += 300_000;
  expect(await challenges.check("org_a", guestWork, answer)).toBe("expired");
  now -= 300_000;
});

test("no answer that nobody worked for is right, and none makes the check throw", async () => {
  const { challenge } = await solved();
  const hex = fc.uint8Array({ minLength: 1, maxLength: 64 }).map((bytes) => Buffer.from(bytes).toString("hex"));
  await fc.assert(
    fc.asyncProperty(fc.nat(20), hex, async (counter, derivedKey) => {
      expect(await challenges.check("org_a", guestWork, { challenge, solution: { counter, derivedKey } })).toBe("wrong");
    }),
  );
});

test("one address that asks and asks gets so many at a time, and leaves the others room", async () => {
  const asked = Array.from({ length: 300 }, () => challenges.make("org_a", guestWork, "203.0.113.7"));
  expect(asked.filter((making) => making !== null)).toHaveLength(40);
  expect(await challenges.make("org_a", guestWork, "198.51.100.1")).not.toBeNull();
  await Promise.all(asked.map(async (making) => making));
  expect(await challenges.make("org_a", guestWork, "203.0.113.7")).not.toBeNull();
});

test("more work is the same work, further away, and pays for less; less does not pay for more, nor does saying that it was more", async () => {
  const efforts = ["normal", "raised", "high"] as const;
  const check = (effort: ChallengeEffort, answer: ChallengeAnswer) => challenges.check("org_a", { ...guestWork, effort }, answer);
  for (const [did, effort] of efforts.entries()) {
    const answer = await solved(effort);
    expect(answer.solution.counter).toBeLessThan(difficulty.most * 2 ** did);
    for (const [asked, demanded] of efforts.entries()) expect(await check(demanded, answer)).toBe(asked <= did ? "right" : "too_easy");
  }
  const { challenge, solution } = await solved();
  const { parameters } = challenge;
  const lie = { ...challenge, parameters: { ...parameters, data: { ...parameters.data, effort: "high" as const } } };
  expect(await check("high", { challenge: lie, solution })).toBe("wrong");
  const far: number[] = [];
  for (let round = 0; round < 60; round++) far.push((await solved("high")).solution.counter);
  expect(Math.max(...far)).toBeGreaterThan(difficulty.most);
});
