import type { Challenge, ChallengeAnswer, Clock, CreateChallengeRequest, FanfareErrorShape } from "@fanfare-io/fanfare-contract";
import { solveChallenge } from "./solve.ts";

/** Gets the challenge that a refusal asks for and solves it, a try at a time, so that the page goes on answering its shopper. Null where it cannot be solved. */
export async function doWork(
  details: NonNullable<FanfareErrorShape["details"]>,
  askFor: (request: CreateChallengeRequest) => Promise<Challenge>,
  clock: Clock,
): Promise<ChallengeAnswer | null> {
  const rest = (): Promise<void> => new Promise((resolve) => void clock.setTimeout(resolve, 0));
  // What a refusal does not name goes without saying there too.
  const { purpose, effort } = details as CreateChallengeRequest;
  return solveChallenge(await askFor({ purpose, effort } as CreateChallengeRequest), rest);
}
