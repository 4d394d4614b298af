import type { Platform } from "@fanfare-io/fanfare-contract";
import { toBase64Url } from "../lib/base64url.ts";
import type { Shelf } from "../lib/shelf.ts";
import { unversioned, versioned } from "../lib/versioned-json.ts";
import { FanfareError } from "../transport/fanfare-error.ts";
import { isText } from "./stored-session.ts";

/** What proves, after a detour over the shop's own sign-in, that this is the browser that began it (PKCE, RFC 7636). */
export interface ExternalSecret {
  /** S256 of the verifier, which is made if there is none: the same for every tab that asks. */
  challenge(): Promise<string>;
  /** Null where nobody has asked for a challenge. */
  verifier(): Promise<string | null>;
  forget(): Promise<void>;
}

/** What it lies on. */
export interface ExternalSecretOptions {
  readonly device: Pick<Shelf, "read" | "transact">;
  readonly platform: Pick<Platform, "signing" | "randomBytes">;
}

/** Kept on the device under `external`, since the sign-in may leave the page; gone with the session's end, or once used. */
export function createExternalSecret({ device, platform }: ExternalSecretOptions): ExternalSecret {
  const verifierIn = (kept: Awaited<ReturnType<Shelf["read"]>>): string | null => {
    const verifier = unversioned(kept.get("external"))?.["verifier"];
    return isText(verifier) ? verifier : null;
  };
  return Object.freeze<ExternalSecret>({
    async challenge() {
      const signing = platform.signing();
      if (!signing) throw new FanfareError("INVALID_CONFIG", "This page has no WebCrypto; serve it over HTTPS to bring identities from outside.");
      const mine = toBase64Url(platform.randomBytes(32));
      const verifier = verifierIn(await device.transact((now) => (verifierIn(now) === null ? { external: versioned({ verifier: mine }) } : {}))) ?? mine;
      return toBase64Url(await signing.digest(new TextEncoder().encode(verifier)));
    },
    verifier: async () => verifierIn(await device.read()),
    forget: async () => void (await device.transact((now) => (now.has("external") ? { external: null } : {}))),
  });
}
