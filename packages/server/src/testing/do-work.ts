import type { Challenge, ChallengeAnswer, ChallengeEffort, ChallengePurpose } from "@fanfare-io/fanfare-contract";
import { solveChallenge } from "altcha-lib";
import { deriveKey } from "altcha-lib/algorithms/scrypt";
import type { TestService } from "./start-test-service.ts";

/** Gets a challenge and solves it, as a browser would. */
export async function doWork(
  service: TestService,
  publishableKey: string,
  purpose: ChallengePurpose,
  effort: ChallengeEffort = "normal",
): Promise<ChallengeAnswer> {
  const made = await service.ask("consumer", "POST", "/challenges", { headers: { "X-Publishable-Key": publishableKey }, json: { purpose, effort } });
  const challenge = made.body as Challenge;
  // On a machine that runs all tests at once it takes longer than the library thinks that it may.
  const solution = await solveChallenge({ challenge, deriveKey, timeout: 600_000 });
  if (solution === null) throw new Error("The challenge has no solution.");
  return { challenge, solution: { counter: solution.counter, derivedKey: solution.derivedKey } };
}
