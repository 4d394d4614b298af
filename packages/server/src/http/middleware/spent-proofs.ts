import { createHash } from "node:crypto";
import { spendProof } from "../../data/spent-proofs.ts";
import type { Database } from "../../data/database.ts";
import type { Clock } from "../../platform/clock.ts";
import { clockWindowSeconds } from "../../platform/proofs.ts";
import { ServiceError } from "../service-error.ts";

/** Takes each proof once, over all nodes, on the routes that the contract marks `once`. */
export interface SpentProofs {
  /**
   * Raises `use_dpop_nonce` for a proof that was used before: an honest client, whose browser sent a request twice, proves anew at
   * once and loses nothing; whoever holds a copy cannot.
   */
  spend(proof: { readonly organizationId: string; readonly thumbprint: string; readonly jti: string }): Promise<void>;
}

/** A proof may be as far ahead of our clock as behind it, and a nonce lives about as long: twice the window and a minute covers both. */
const keptMs = (2 * clockWindowSeconds + 60) * 1000;

/** In the database and not in memory, because a second node must know; these are the calls of which a shopper makes a handful. */
export function createSpentProofs(db: Database, clock: Clock): SpentProofs {
  return Object.freeze<SpentProofs>({
    async spend({ organizationId, thumbprint, jti }) {
      const id = createHash("sha256").update(`${thumbprint}.${jti}`).digest();
      if (!(await spendProof(db, organizationId, id, new Date(clock.now() + keptMs)))) throw new ServiceError("use_dpop_nonce");
    },
  });
}
