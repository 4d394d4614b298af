import type { Database } from "../data/database.ts";
import { createSigningKeys } from "../jobs/signing-keys.ts";
import type { SigningKeys } from "../jobs/signing-keys.ts";
import { createChallenges } from "../platform/challenges.ts";
import type { ChallengeCosts, Challenges } from "../platform/challenges.ts";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import { createCrowdKeys } from "../platform/crowd-keys.ts";
import type { CrowdKeys } from "../platform/crowd-keys.ts";
import { createPresentationKeys } from "../platform/presentation-keys.ts";
import type { PresentationKeys } from "../platform/presentation-keys.ts";
import { createProofNonces } from "../platform/proof-nonces.ts";
import { createProofs } from "../platform/proofs.ts";
import type { Proofs } from "../platform/proofs.ts";
import { createSeals } from "../platform/seals.ts";
import type { Secrets } from "../platform/secrets.ts";
import { createTokens } from "../platform/tokens.ts";
import type { Tokens } from "../platform/tokens.ts";

/** All that is sealed, signed or proved with the secrets of the service. */
export interface Keyring {
  readonly tokens: Tokens;
  readonly keys: PresentationKeys;
  readonly signingKeys: SigningKeys;
  readonly challenges: Challenges;
  readonly proofs: Proofs;
  readonly crowdKeys: CrowdKeys;
}

/** Wires the keys. `audiences`: the addresses that a proof may be made for, known once the service listens. */
export function wireKeys({
  db,
  clock,
  log,
  secrets,
  audiences,
  challengeCosts,
}: {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly secrets: Secrets;
  readonly audiences: () => readonly string[];
  readonly challengeCosts?: ChallengeCosts | undefined;
}): Keyring {
  const { tokenSecret: secret, signingKey } = secrets;
  const keys = createPresentationKeys(signingKey, clock.now);
  return {
    tokens: createTokens({ secret, now: clock.now }),
    keys,
    signingKeys: createSigningKeys({ db, clock, log, keys, seals: createSeals(secret, "signing key"), configured: signingKey }),
    crowdKeys: createCrowdKeys(secret),
    challenges: createChallenges({ secret, now: clock.now, ...(challengeCosts === undefined ? {} : { costs: challengeCosts }) }),
    proofs: createProofs({ nonces: createProofNonces(secret, clock.now), now: clock.now, audiences }),
  };
}
