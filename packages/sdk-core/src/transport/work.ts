import type { Challenge, ChallengeAnswer, Clock } from "@fanfare-io/fanfare-contract";
import { endpoints } from "./endpoints.ts";
import type { Transport } from "./transport.ts";
import { solveChallenge } from "./solve.ts";

/** Gets a challenge and solves it, a try at a time, so that the page goes on answering its shopper. Null where it cannot be solved. */
export async function doWork(transport: Transport, clock: Clock): Promise<ChallengeAnswer | null> {
  const challenge = await transport.send<Challenge>({ endpoint: endpoints.createChallenge });
  const rest = (): Promise<void> => new Promise((resolve) => void clock.setTimeout(resolve, 0));
  return solveChallenge(challenge, rest);
}
