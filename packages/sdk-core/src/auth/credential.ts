import type { Platform } from "@fanfare-io/fanfare-contract";
import { toBase64Url } from "../lib/base64url.ts";
import { ignore } from "../lib/ignore.ts";
import type { BindingKey } from "./live-session.ts";
import type { Contents, Vault } from "./vault.ts";

/** By what the service knows a repeated creation: a device key, or, where there is no WebCrypto, a random secret (rule A1). */
export type Credential = BindingKey | string;

/** What a credential is made with. */
export interface CredentialOptions {
  readonly vault: Vault;
  readonly keepsKeys: () => boolean;
  readonly platform: Pick<Platform, "signing" | "randomBytes">;
}

/**
 * The device's credential, made if there is none; the same in all tabs. Made only on the shopper's act (rule A10). `retired`: the one that
 * the service takes no longer; what another tab has put in its place since is used, else a new one.
 */
export async function obtainCredential({ vault, keepsKeys, platform }: CredentialOptions, retired?: Credential): Promise<Credential> {
  const signing = platform.signing();
  // Generated first, then stored if there is none: whichever tab comes first has its own used by all.
  const agreed = async <K extends "key" | "install">(name: K, isUsable: (now: Contents) => boolean, make: () => Promise<Contents[K]>): Promise<Contents[K]> => {
    const present = await vault.read();
    if (isUsable(present)) return present[name];
    const mine = await make();
    const kept = await vault.transact((now) => (isUsable(now) ? null : { [name]: mine }));
    return kept[name] ?? mine;
  };
  if (signing && typeof retired !== "string") {
    try {
      const isUsable = ({ key }: Contents): boolean => key !== null && key.id !== retired?.key.id;
      const key = await agreed("key", isUsable, async () => ({ ...(await signing.generate()), isUnused: true }));
      if (key) return { key, bound: keepsKeys() ? "device" : "page" };
    } catch {
      ignore("a browser that makes no such key has the secret instead; `bound` tells");
    }
  }
  const install = await agreed(
    "install",
    (now) => now.install !== null && now.install.secret !== retired,
    async () => ({ secret: toBase64Url(platform.randomBytes(32)), isUnused: true }),
  );
  return install?.secret ?? "";
}
