import type { Challenge, ChallengeAnswer, Clock } from "@fanfare-io/fanfare-contract";
import { solveChallenge } from "./solve.ts";

/** Solves a challenge, a try at a time, so that the page goes on answering its shopper. Null where it cannot be solved. */
export function doWork(challenge: Challenge, clock: Clock): Promise<ChallengeAnswer | null> {
  return solveChallenge(challenge, () => new Promise((resolve) => void clock.setTimeout(resolve, 0)));
}
