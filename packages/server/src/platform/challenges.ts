import { hkdfSync } from "node:crypto";
import type { Challenge, ChallengeAnswer, ChallengeEffort, ChallengePurpose, ChallengeRefusal } from "@fanfare-io/fanfare-contract";
import { createChallenge, randomInt, verifySolution } from "altcha-lib";
import { deriveKey } from "altcha-lib/algorithms/scrypt";

/** Proof of work: makes challenges and checks answers. What was used is not remembered here. */
export interface Challenges {
  /** Costs one derivation of a key, on a thread of its own. `asker` is an address. Null where too many are under way. */
  make(organizationId: string, work: ChallengeWork, asker: string): Promise<Challenge> | null;
  /** Costs two HMACs. */
  check(organizationId: string, work: ChallengeWork, answer: ChallengeAnswer): Promise<"right" | Exclude<ChallengeRefusal, "used">>;
}

/** What is asked for: what the work opens, and how much it is. */
export interface ChallengeWork {
  readonly purpose: ChallengePurpose;
  readonly effort: ChallengeEffort;
}

/** How much work a normal one is. */
export interface ChallengeCost {
  /** N of scrypt, at r = 8: each try takes 1024 · N bytes. */
  readonly cost: number;
  /** The answer lies this many tries away at most, and anywhere up to there: whoever knows a bound from below begins behind it, and pays only for the rest. */
  readonly most: number;
}

/** How much each kind of work is. */
export type ChallengeCosts = Readonly<Record<ChallengePurpose, ChallengeCost>>;

/**
 * Tries of 4 MiB each: the more memory, the less a solver of one's own is ahead of a page's (1.4 times at this size, 1.7 at half of it, and
 * making a challenge costs the service one try). Becoming a guest costs a fifth of a second of a fast core, a place that is asked for half of one
 * (0061), a text message a whole one.
 */
export const challengeCosts: ChallengeCosts = {
  guest: { cost: 4_096, most: 60 },
  enter: { cost: 4_096, most: 160 },
  otp: { cost: 4_096, most: 320 },
};

/** How many times as far away as normally the answer may lie. At `high` it is within what a slow phone without workers does before it expires. */
const timesFurther: Readonly<Record<ChallengeEffort, number>> = { normal: 1, raised: 2, high: 4 };

const lifeSeconds = 300;
const mostUnderWay = 200;
/** What one address may have made at a time: a flood of questions from one place must leave the others room. */
const mostUnderWayEach = 40;

/** Challenges are signed and not stored. `now` in milliseconds. */
export function createChallenges(options: { readonly secret: Uint8Array; readonly now: () => number; readonly costs?: ChallengeCosts }): Challenges {
  const secretFor = (purpose: string): string => Buffer.from(hkdfSync("sha256", options.secret, "", `fanfare challenge ${purpose}`, 32)).toString("hex");
  const secrets = { hmacSignatureSecret: secretFor("signature"), hmacKeySignatureSecret: secretFor("key") };
  const costs = options.costs ?? challengeCosts;
  let underWay = 0;
  // No longer than there are challenges under way.
  const each = new Map<string, number>();
  const countOf = (asker: string): number => each.get(asker) ?? 0;

  async function make(organizationId: string, { purpose, effort }: ChallengeWork, asker: string): Promise<Challenge> {
    underWay++;
    each.set(asker, countOf(asker) + 1);
    try {
      const expiresAt = Math.floor(options.now() / 1000) + lifeSeconds;
      const { cost, most } = costs[purpose];
      const counter = randomInt(0, most * timesFurther[effort] - 1);
      // As a node of before knew it, so that both answer each other's during an upgrade.
      const data = { organizationId, purpose, ...(effort === "normal" ? {} : { effort }) };
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
      if (countOf(asker) > 1) each.set(asker, countOf(asker) - 1);
      else each.delete(asker);
    }
  }

  return Object.freeze<Challenges>({
    make: (organizationId, work, asker) => (underWay >= mostUnderWay || countOf(asker) >= mostUnderWayEach ? null : make(organizationId, work, asker)),
    async check(organizationId, { purpose, effort }, { challenge, solution }) {
      const { parameters } = challenge;
      if (parameters.data.organizationId !== organizationId || parameters.data.purpose !== purpose) return "wrong";
      if (timesFurther[parameters.data.effort ?? "normal"] < timesFurther[effort]) return "too_easy";
      if (parameters.expiresAt * 1000 <= options.now()) return "expired";
      // Its own look at the clock may differ from ours by a test's turn of it, and says no more.
      const result = await verifySolution({ challenge: { ...challenge }, solution: { ...solution }, deriveKey, ...secrets });
      if (result.expired) return "expired";
      return result.verified ? "right" : "wrong";
    },
  });
}
