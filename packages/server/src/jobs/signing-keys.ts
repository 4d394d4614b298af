import { randomBytes } from "node:crypto";
import type { SigningKeyFacts } from "@fanfare-io/fanfare-contract";
import type { Database } from "../data/database.ts";
import { addConfiguredKey, forgetRetiredSeeds, readSigningKeys, replaceSigningKeys } from "../data/signing-keys.ts";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import { kidOf } from "../platform/presentation-keys.ts";
import type { PresentationKeys } from "../platform/presentation-keys.ts";
import type { Seals } from "../platform/seals.ts";

/** Keeps the signing keys of all nodes the same, and changes them without a gap. */
export interface SigningKeys {
  /** Makes the configured key known, then follows. */
  start(): Promise<void>;
  /** Reads what other nodes changed. Rejects when the database cannot be asked. */
  follow(): Promise<void>;
  /** Begins to replace the key; at once where the old one is compromised, which voids what it signed. Answers all keys that are not retired. */
  rotate(compromised: boolean): Promise<readonly SigningKeyFacts[]>;
}

/** How often nodes look. */
export const signingKeysPeriodMs = 1_000;
/** How long a new key is published before it signs, and an old one after: shops keep the JWKS for five minutes. */
const overlapMs = 600_000;

export interface SigningKeysDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly keys: PresentationKeys;
  readonly seals: Seals;
  /** The seed that this node was set up with. */
  readonly configured: Uint8Array;
}

/** The keys lie in the database, sealed: every node has the same within a second, and none is restarted for it. */
export function createSigningKeys({ db, clock, log, keys, seals, configured }: SigningKeysDeps): SigningKeys {
  const configuredKid = kidOf(configured);

  async function rotate(compromised: boolean): Promise<readonly SigningKeyFacts[]> {
    const now = clock.now();
    const seed = randomBytes(32);
    const signsFrom = compromised ? now : now + overlapMs;
    const retiresAt = compromised ? now : signsFrom + overlapMs;
    await replaceSigningKeys(db, { kid: kidOf(seed), sealed: seals.seal(seed), signsFrom: new Date(signsFrom) }, new Date(retiresAt), new Date(now));
    await follow();
    return (await readSigningKeys(db))
      .filter((key) => key.retiresAt === null || key.retiresAt.getTime() > now)
      .map((key) => ({ kid: key.kid, signsFrom: key.signsFrom.toISOString(), retiresAt: key.retiresAt?.toISOString() ?? null }));
  }

  async function follow(): Promise<void> {
    const now = clock.now();
    const usable = (await readSigningKeys(db)).flatMap(({ kid, sealed, signsFrom, retiresAt }) => {
      if (retiresAt !== null && retiresAt.getTime() <= now) return [];
      const seed = kid === configuredKid ? configured : sealed && seals.open(sealed);
      return seed === null ? [] : [{ seed, signsFrom: signsFrom.getTime(), retiresAt: retiresAt?.getTime() ?? null }];
    });
    if (usable.length > 0) return keys.use(usable);
    // The token secret was replaced after a rotation: nothing of before can be opened, and nobody holds a token of before either.
    log.warn({}, "No signing key can be opened with this FANFARE_TOKEN_SECRET; a new one is made.");
    await rotate(true);
  }

  return Object.freeze<SigningKeys>({
    async start() {
      const now = clock.now();
      await addConfiguredKey(db, { kid: configuredKid, sealed: seals.seal(configured) }, new Date(now), new Date(now + overlapMs));
      await follow();
    },
    async follow() {
      await follow();
      await forgetRetiredSeeds(db, new Date(clock.now()));
    },
    rotate,
  });
}
