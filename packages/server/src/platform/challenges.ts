import { hkdfSync } from "node:crypto";
import type { Challenge, ChallengeAnswer, ChallengePurpose } from "@fanfare-io/fanfare-contract";
import { createChallenge, randomInt, verifySolution } from "altcha-lib";
import { deriveKey } from "altcha-lib/algorithms/scrypt";

/** Proof of work: makes challenges and checks answers. What was used is not remembered here. */
export interface Challenges {
  /** Costs one derivation of a key, on a thread of its own. Null where too many are under way. */
  make(organizationId: string, purpose: ChallengePurpose): Promise<Challenge> | null;
  /** Costs two HMACs. */
  check(organizationId: string, purpose: ChallengePurpose, answer: ChallengeAnswer): Promise<"right" | "wrong" | "expired">;
}

/** How much work it is. */
export interface ChallengeCost {
  /** N of scrypt, at r = 8: each try takes 1024 · N bytes. */
  readonly cost: number;
  /** The answer lies somewhere from `least` to `most` tries away: the worst case is bounded, and no luck makes it free. */
  readonly least: number;
  readonly most: number;
}

/** Tries of 2 MiB each. Becoming a guest costs a fraction of a second on a laptop; entering, where it is asked, some three times that. */
export const challengeCosts: Readonly<Record<ChallengePurpose, ChallengeCost>> = {
  guest: { cost: 2_048, least: 20, most: 40 },
  enter: { cost: 2_048, least: 60, most: 100 },
  otp: { cost: 2_048, least: 60, most: 100 },
};

const lifeSeconds = 300;
const mostUnderWay = 200;

/** Challenges are signed and not stored. `now` in milliseconds. */
export function createChallenges(options: {
  readonly secret: Uint8Array;
  readonly now: () => number;
  readonly costs?: Readonly<Record<ChallengePurpose, ChallengeCost>>;
}): Challenges {
  const secretFor = (purpose: string): string => Buffer.from(hkdfSync("sha256", options.secret, "", `fanfare challenge ${purpose}`, 32)).toString("hex");
  const secrets = { hmacSignatureSecret: secretFor("signature"), hmacKeySignatureSecret: secretFor("key") };
  const costs = options.costs ?? challengeCosts;
  let underWay = 0;

  async function make(organizationId: string, purpose: ChallengePurpose): Promise<Challenge> {
    underWay++;
    try {
      const expiresAt = Math.floor(options.now() / 1000) + lifeSeconds;
      const { cost, least, most } = costs[purpose];
      const counter = randomInt(least, most);
      const data = { organizationId, purpose };
      return (await createChallenge({
        algorithm: "SCRYPT",
        cost,
        memoryCost: 8,
        parallelism: 1,
        counter,
        deriveKey,
        expiresAt,
        data,
        ...secrets,
      })) as Challenge;
    } finally {
      underWay--;
    }
  }

  return Object.freeze<Challenges>({
    make: (organizationId, purpose) => (underWay >= mostUnderWay ? null : make(organizationId, purpose)),
    async check(organizationId, purpose, { challenge, solution }) {
      const { parameters } = challenge;
      if (parameters.data.organizationId !== organizationId || parameters.data.purpose !== purpose) return "wrong";
      if (parameters.expiresAt * 1000 <= options.now()) return "expired";
      // Its own look at the clock may differ from ours by a test's turn of it, and says no more.
      const result = await verifySolution({ challenge: { ...challenge }, solution: { ...solution }, deriveKey, ...secrets });
      if (result.expired) return "expired";
      return result.verified ? "right" : "wrong";
    },
  });
}
