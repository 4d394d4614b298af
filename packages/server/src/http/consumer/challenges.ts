import { createHash } from "node:crypto";
import type { ChallengeAnswer, ChallengePurpose, ChallengeReason, ChallengeRefusal } from "@fanfare-io/fanfare-contract";
import { spendProof } from "../../data/spent-proofs.ts";
import type { Database } from "../../data/database.ts";
import { effortOf } from "../../domain/risk.ts";
import type { Challenges } from "../../platform/challenges.ts";
import type { Handlers } from "../endpoint.ts";
import { limitKey } from "../middleware/address.ts";
import { ServiceError } from "../service-error.ts";

/** What asking for work needs. */
export interface WorkDeps {
  readonly db: Database;
  readonly challenges: Challenges;
}

/** The route that hands out work. */
export function challengeHandlers({ challenges }: WorkDeps): Handlers<"createChallenge"> {
  return {
    async createChallenge({ tenant, body, address }) {
      const making = challenges.make(tenant.id, { purpose: body.purpose ?? "guest", effort: body.effort ?? "normal" }, limitKey(address));
      if (making === null) throw new ServiceError("service_unavailable", { retryAfterSeconds: 2 });
      return { body: await making };
    },
  };
}

/** Demands that work was done, as much as the reasons ask for, and takes it once over all nodes. Raises `challenge_required`. */
export async function demandWork(
  { db, challenges }: WorkDeps,
  { organizationId, purpose, reasons }: { readonly organizationId: string; readonly purpose: ChallengePurpose; readonly reasons: readonly ChallengeReason[] },
  answer: ChallengeAnswer | undefined,
): Promise<void> {
  const effort = effortOf(reasons);
  const refuse = (refused?: ChallengeRefusal): ServiceError =>
    new ServiceError("challenge_required", { details: { purpose, reasons, effort, ...(refused === undefined ? {} : { refused }) } });
  if (answer === undefined) throw refuse();
  const found = await challenges.check(organizationId, { purpose, effort }, answer);
  if (found !== "right") throw refuse(found);
  const { nonce, expiresAt } = answer.challenge.parameters;
  const id = createHash("sha256").update(`challenge ${nonce}`).digest();
  // Kept as long as another node's clock may think that it has not expired.
  if (!(await spendProof(db, organizationId, id, new Date((expiresAt + 60) * 1000)))) throw refuse("used");
}
