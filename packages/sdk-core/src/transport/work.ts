import type { Challenge, ChallengeAnswer, ChallengePurpose, Clock, CreateChallengeRequest } from "@fanfare-io/fanfare-contract";
import { solveChallenge } from "./solve.ts";

/** Gets a challenge and solves it, a try at a time, so that the page goes on answering its shopper. Null where it cannot be solved. */
export async function doWork(
  purpose: ChallengePurpose,
  askFor: (request: CreateChallengeRequest) => Promise<Challenge>,
  clock: Clock,
): Promise<ChallengeAnswer | null> {
  const rest = (): Promise<void> => new Promise((resolve) => void clock.setTimeout(resolve, 0));
  return solveChallenge(await askFor({ purpose }), rest);
}
