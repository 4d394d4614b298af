import type { ChallengeAnswer } from "@fanfare-io/fanfare-contract";
import { solveChallenge } from "altcha-lib";
import { deriveKey } from "altcha-lib/algorithms/scrypt";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createChallenges } from "./challenges.ts";

let now = Date.now();
const difficulty = { cost: 16, least: 3, most: 9 };
const costs = { guest: difficulty, enter: difficulty, otp: difficulty };
const challenges = createChallenges({ secret: new Uint8Array(32).fill(1), now: () => now, costs });

async function solved(): Promise<ChallengeAnswer> {
  const challenge = await challenges.make("org_a", "guest");
  if (challenge === null) throw new Error("No challenge was made.");
  const solution = await solveChallenge({ challenge, deriveKey });
  if (solution === null) throw new Error("The challenge has no solution.");
  return { challenge, solution: { counter: solution.counter, derivedKey: solution.derivedKey } };
}

test("a challenge takes as many tries as it was made to take, and is solved by its library", async () => {
  for (let round = 0; round < 5; round++) {
    const answer = await solved();
    expect(answer.solution.counter).toBeGreaterThanOrEqual(difficulty.least);
    expect(answer.solution.counter).toBeLessThanOrEqual(difficulty.most);
    expect(await challenges.check("org_a", "guest", answer)).toBe("right");
  }
});

test("an answer is worth nothing for another organization or purpose, with anything changed, of another secret, or after five minutes", async () => {
  const answer = await solved();
  const { challenge, solution } = answer;
  expect(await challenges.check("org_b", "guest", answer)).toBe("wrong");
  expect(await challenges.check("org_a", "enter", answer)).toBe("wrong");
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
    expect(await challenges.check(bad.challenge.parameters.data.organizationId, bad.challenge.parameters.data.purpose, bad)).toBe("wrong");
  expect(await challenges.check("org_a", "guest", { challenge, solution: { ...solution, derivedKey: challenge.parameters.keyPrefix.padEnd(64, "0") } })).toBe(
    "wrong",
  );
  expect(await createChallenges({ secret: new Uint8Array(32).fill(2), now: () => now, costs }).check("org_a", "guest", answer)).toBe("wrong");
  now += 300_000;
  expect(await challenges.check("org_a", "guest", answer)).toBe("expired");
  now -= 300_000;
});

test("no answer that nobody worked for is right, and none makes the check throw", async () => {
  const { challenge } = await solved();
  const hex = fc.uint8Array({ minLength: 1, maxLength: 64 }).map((bytes) => Buffer.from(bytes).toString("hex"));
  await fc.assert(
    fc.asyncProperty(fc.nat(20), hex, async (counter, derivedKey) => {
      expect(await challenges.check("org_a", "guest", { challenge, solution: { counter, derivedKey } })).toBe("wrong");
    }),
  );
});
