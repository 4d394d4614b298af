import type { Bound, KeyShelf, Platform, SigningKey } from "@fanfare-io/fanfare-contract";
import { ignore } from "../lib/ignore.ts";
import { createMemoryShelf } from "../lib/key-shelf.ts";
import { createProof } from "../lib/proof.ts";
import { toBase64Url } from "../lib/random.ts";
import { FanfareError } from "../transport/fanfare-error.ts";
import type { Prove } from "../transport/transport.ts";

/** The key that a session is, or is to be, bound to. */
export interface KeyRef {
  readonly id: string;
  /** Whether the key outlives this page. */
  readonly bound: Exclude<Bound, false>;
}

/** The keys of this device for one organization: the one in use, and those whose sessions are still to be revoked (rules A1, A5). */
export interface DeviceKeys {
  /** The key in use, made if there is none; the same in all tabs. Null where the page has no WebCrypto. */
  obtain(): Promise<KeyRef | null>;
  /** After the service retired this one: the key that another tab has made since, else a new one. */
  replace(retired: string): Promise<KeyRef | null>;
  /** Proves requests of the session that is bound to this key. The proof rejects with `SESSION_ENDED` where the key is gone. */
  prover(id: string, accessToken?: string): Prove;
  /** Whether the key is known to be gone: storage wiped, or the session copied here from another device. */
  isLost(id: string): Promise<boolean>;
  /** Takes the key out of use; it goes on proving the revocation until it is forgotten. */
  retire(id: string): Promise<void>;
  forget(id: string): Promise<void>;
}

export interface DeviceKeysOptions {
  readonly platform: Pick<Platform, "clock" | "signing" | "randomBytes">;
  /** Null where nothing may be kept: then the key lives in this page. */
  readonly shelf: KeyShelf | null;
}

const current = "current";
const slotOf = (id: string): string => `revoking:${id}`;
/** A database that does not answer by then counts as refused: the shopper is waiting. */
const shelfDeadlineMs = 2_000;

/** Nothing is read or made before the first call (rule A10). */
export function createDeviceKeys({ platform, shelf }: DeviceKeysOptions): DeviceKeys {
  const { clock, randomBytes } = platform;
  const memory = createMemoryShelf();
  const seen = new Map<string, SigningKey>();
  const retired = new Set<string>();
  let isRefused = shelf === null;

  const transact: KeyShelf["transact"] = async (decide) => {
    const kept = await (isRefused ? memory : withDeadline(shelf as KeyShelf)).transact(decide);
    for (const key of kept.values()) seen.set(key.id, key);
    return kept;
  };
  const withDeadline = (slow: KeyShelf): KeyShelf => ({
    transact: (decide) =>
      new Promise((resolve, reject) => {
        const cancel = clock.setTimeout(() => reject(new Error("IndexedDB does not answer.")), shelfDeadlineMs);
        slow.transact(decide).then(resolve, reject).finally(cancel);
      }),
  });

  const usable = (key: SigningKey | undefined): key is SigningKey => key !== undefined && !retired.has(key.id);

  const agree = async (): Promise<SigningKey> => {
    const present = (await transact(() => ({}))).get(current);
    if (usable(present)) return present;
    const signing = platform.signing();
    if (!signing) throw new Error("There is no WebCrypto.");
    const mine = await signing.generate();
    // Whichever tab comes first has its key used by all: what the transaction says, not what this tab made.
    const kept = await transact((now) => (usable(now.get(current)) ? {} : { [current]: mine }));
    return kept.get(current) ?? mine;
  };

  const obtain = async (): Promise<KeyRef | null> => {
    if (!platform.signing()) return null;
    for (;;) {
      try {
        const { id } = await agree();
        return { id, bound: isRefused ? "page" : "device" };
      } catch {
        ignore("storage that refuses keys leaves them in memory, memory that refuses them leaves the install secret; `bound` tells which");
        if (isRefused) return null;
        isRefused = true;
      }
    }
  };

  /** Null when it is gone for certain; rejects where the storage cannot be asked. */
  const find = async (id: string): Promise<SigningKey | null> => {
    if (!seen.has(id)) await transact(() => ({}));
    return seen.get(id) ?? null;
  };

  return Object.freeze<DeviceKeys>({
    obtain,
    async replace(id) {
      retired.add(id);
      return obtain();
    },
    prover: (id, accessToken) => async (request) => {
      const [key, signing] = [await find(id), platform.signing()];
      if (!key || !signing) throw keyLost();
      const { method, url, nonce, atSeconds } = request;
      return createProof(signing, key, { jti: toBase64Url(randomBytes(16)), htm: method, htu: url, iat: atSeconds, nonce, accessToken });
    },
    isLost: (id) =>
      find(id).then(
        (key) => key === null,
        () => false,
      ),
    async retire(id) {
      retired.add(id);
      await transact((kept) => {
        const key = kept.get(current);
        return key?.id === id ? { [current]: null, [slotOf(id)]: key } : {};
      }).catch(() => ignore("this page will not use it again, and the service says key_retired to any other"));
    },
    async forget(id) {
      seen.delete(id);
      await transact(() => ({ [slotOf(id)]: null })).catch(() => ignore("a key whose session is revoked opens nothing"));
    },
  });
}

/** The session's key is not on this device. */
export function keyLost(): FanfareError {
  return new FanfareError("SESSION_ENDED", "The key of this session is not on this device; call auth.guest() to begin a new one.", {
    details: { reason: "key" },
  });
}
