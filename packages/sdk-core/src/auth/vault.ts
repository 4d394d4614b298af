import type { LogoutReason, SigningKey } from "@fanfare-io/fanfare-contract";
import type { Changes, Kept } from "../lib/shelf.ts";
import { unversioned, versioned } from "../lib/versioned-json.ts";
import { isText, readSession } from "./stored-session.ts";
import type { StoredSession } from "./stored-session.ts";

/** Why and when the last session of this device ended: what tells "logged out elsewhere" from "storage was wiped". */
export interface EndedMark {
  readonly revision: number;
  readonly reason: LogoutReason;
}

/** An ended session that the service has still to hear of (rule A5): usable for nothing but that. */
export interface Revoking {
  readonly refreshToken: string;
  /** The key that proves it, where it was bound. */
  readonly key: SigningKey | null;
  /** Device wall clock, milliseconds. */
  readonly since: number;
}

/** What stands for a key where there is no WebCrypto. */
export interface InstallSecret {
  readonly secret: string;
}

/** Something to be known by that nobody here has become anybody with yet: whoever stores the first session of it tells that as new. */
export type MaybeUnused<T> = T & { readonly isUnused?: boolean };

/** What this device knows of the session, as of one transaction. */
export interface Contents {
  readonly session: StoredSession | null;
  readonly ended: EndedMark | null;
  /** The device key: the stored session's where that is bound, else the next one's. */
  readonly key: MaybeUnused<SigningKey> | null;
  readonly revoking: readonly Revoking[];
  readonly install: MaybeUnused<InstallSecret> | null;
  /** Until when a tab means to renew the session, on the wall clock; 0 for none. */
  readonly renewing: number;
}

/** The session on the device. The only place that knows the names it goes by. */
export interface Vault {
  read(): Promise<Contents>;
  /** One transaction; null changes nothing. Resolves with the contents after it. `decide` may run again where the first place refuses. */
  transact(decide: (now: Contents) => Partial<Contents> | null): Promise<Contents>;
}

/** What a vault lies on. */
export interface VaultOptions {
  readonly device: {
    read(): Promise<Kept>;
    transact(decide: (kept: Kept) => Changes): Promise<Kept>;
  };
  /** Hears of a session that was dropped as unreadable. */
  readonly onUnreadable: (what: "dropped") => void;
}

/** Reads nothing yet. */
export function createVault({ device, onUnreadable }: VaultOptions): Vault {
  const understood = async (kept: Kept): Promise<Contents> => {
    const contents = contentsOf(kept);
    if (kept.has("session") && !contents.session) {
      if (!readSession(kept.get("session"))) onUnreadable("dropped");
      await device.transact((now) => (contentsOf(now).session ? {} : { session: null }));
    }
    return contents;
  };
  return Object.freeze<Vault>({
    read: async () => understood(await device.read()),
    transact: async (decide) => contentsOf(await device.transact((kept) => changesOf(decide(contentsOf(kept))))),
  });
}

function contentsOf(kept: Kept): Contents {
  const fields = (name: string): Record<string, unknown> => unversioned(kept.get(name)) ?? {};
  const { revision, reason } = fields("ended");
  const ended = typeof revision === "number" ? { revision, reason: reason as LogoutReason } : null;
  const session = readSession(kept.get("session"));
  const { list } = fields("revoking");
  const { until } = fields("renewing");
  return {
    // A renewal in another tab that had read before the session was ended, and wrote after: the end stands.
    session: session && ended && ended.revision >= session.revision ? null : session,
    ended,
    key: readKey(kept.get("key")),
    revoking: Array.isArray(list) ? (list as Partial<Revoking>[]).filter((it): it is Revoking => isText(it?.refreshToken)) : [],
    install: readInstall(kept.get("install")),
    renewing: typeof until === "number" ? until : 0,
  };
}

function readKey(value: unknown): MaybeUnused<SigningKey> | null {
  const key = unversioned(value) as Partial<SigningKey> | null;
  return isText(key?.id) && key.jwk && key.privateKey ? (key as SigningKey) : null;
}

function readInstall(value: unknown): MaybeUnused<InstallSecret> | null {
  const install = unversioned(value) as Partial<InstallSecret> | null;
  return isText(install?.secret) ? (install as InstallSecret) : null;
}

/** Each name is written alone, with its version. */
function changesOf(changes: Partial<Contents> | null): Changes {
  const { session, ended, key, revoking, install, renewing } = changes ?? {};
  return {
    ...(session !== undefined && { session: session && versioned(session) }),
    ...(ended && { ended: versioned(ended) }),
    ...(key !== undefined && { key: key && versioned(key) }),
    ...(revoking && { revoking: revoking.length > 0 ? versioned({ list: revoking }) : null }),
    ...(install !== undefined && { install: install && versioned(install) }),
    ...(renewing !== undefined && { renewing: renewing > 0 ? versioned({ until: renewing }) : null }),
    // Whoever leaves takes along what they took part in (rule A5).
    ...(ended && { state: null, journeys: null, keepsakes: null, external: null }),
  };
}
