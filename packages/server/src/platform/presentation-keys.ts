import { createHash, createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import type { JsonWebKey, KeyObject } from "node:crypto";
import type { PresentationClaims } from "@fanfare-io/fanfare-contract";

/** A presentation of a grant, as it is signed (contract §6). Instants are milliseconds since the epoch. */
export interface SignedPresentation extends PresentationClaims {
  /** `aud`: the organization that it is meant for. */
  readonly organizationId: string;
  /** `sub`. */
  readonly consumerId: string;
  /** `jti`. */
  readonly presentationId: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** A key as it may be used; instants in milliseconds. */
export interface SigningKey {
  /** 32 bytes, Ed25519. */
  readonly seed: Uint8Array;
  /** From here on it signs; it is published, and what it signed is accepted, before. */
  readonly signsFrom: number;
  /** From here on what it signed is nothing; null = it goes on. */
  readonly retiresAt: number | null;
}

/** Signs presentations and reads them back. */
export interface PresentationKeys {
  /** An EdDSA JWT that shops can check against the JWKS. */
  signPresentation(claims: SignedPresentation): string;
  /** Null for a token that is malformed, forged, expired, or meant for another organization: callers need not know which. */
  readPresentation(token: string, organizationId: string, now: number): SignedPresentation | null;
  /** Signs a text as it is: a statement of a draw (docs/draw-proof.md). It begins with a brace, which no JWT does. */
  signStatement(text: string): { readonly text: string; readonly signature: string; readonly keyId: string };
  /** The public keys, as `/.well-known/jwks.json` shows them: those that sign, those that soon will, and those that lately did. */
  jwks(): { readonly keys: readonly JsonWebKey[] };
  /** Replaces the keys. */
  use(keys: readonly SigningKey[]): void;
}

/** `iss` of every presentation; what tells services apart is their key. */
export const presentationIssuer = "fanfare";

// RFC 8410: what stands before the 32 bytes of an Ed25519 key in PKCS #8.
const pkcs8Header = Buffer.from("302e020100300506032b657004220420", "hex");

interface Imported {
  readonly kid: string;
  /** The JOSE header of what it signs, which is the same text each time. */
  readonly header: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly jwk: JsonWebKey;
}

/** What names a key: RFC 7638, over its required members in their order. */
export function kidOf(seed: Uint8Array): string {
  return importSeed(seed).kid;
}

function importSeed(seed: Uint8Array): Imported {
  const privateKey = createPrivateKey({ key: Buffer.concat([pkcs8Header, seed]), format: "der", type: "pkcs8" });
  const publicKey = createPublicKey(privateKey);
  const x = publicKey.export({ format: "jwk" }).x as string;
  const kid = createHash("sha256").update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).digest("base64url");
  const header = Buffer.from(JSON.stringify({ alg: "EdDSA", kid, typ: "JWT" })).toString("base64url");
  return { kid, header, privateKey, publicKey, jwk: { kty: "OKP", crv: "Ed25519", x, kid, use: "sig", alg: "EdDSA" } };
}

interface Held extends Imported {
  readonly signsFrom: number;
  readonly retiresAt: number;
}

/** Starts with one key. Each is imported once: importing for each signature would triple its cost. */
export function createPresentationKeys(seed: Uint8Array, now: () => number): PresentationKeys {
  let held: readonly Held[] = [{ ...importSeed(seed), signsFrom: -Infinity, retiresAt: Infinity }];
  const alive = (): readonly Held[] => held.filter((key) => key.retiresAt > now());

  function signing(): Held {
    const at = now();
    // The newest whose time has come; before any has, the first there is.
    const key = alive().reduce<Held | undefined>(
      (best, each) => (each.signsFrom <= at && (best === undefined || each.signsFrom > best.signsFrom) ? each : best),
      undefined,
    );
    const chosen = key ?? alive()[0];
    if (chosen === undefined) throw new Error("Every signing key has been retired.");
    return chosen;
  }

  return Object.freeze<PresentationKeys>({
    jwks: () => ({ keys: alive().map((key) => key.jwk) }),
    use(keys) {
      const known = new Map(held.map((key) => [key.kid, key]));
      held = keys.map(({ seed: bytes, signsFrom, retiresAt }) => {
        const imported = importSeed(bytes);
        return { ...(known.get(imported.kid) ?? imported), signsFrom, retiresAt: retiresAt ?? Infinity };
      });
    },
    signPresentation(claims) {
      const { header, privateKey } = signing();
      const body = Buffer.from(JSON.stringify(toJwt(claims))).toString("base64url");
      const signed = `${header}.${body}`;
      return `${signed}.${sign(null, Buffer.from(signed), privateKey).toString("base64url")}`;
    },
    signStatement(text) {
      const { kid, privateKey } = signing();
      return { text, signature: sign(null, Buffer.from(text), privateKey).toString("base64url"), keyId: kid };
    },
    readPresentation(token, organizationId, at) {
      const [head, body, signature, ...rest] = token.split(".");
      // The header is ours byte for byte: an algorithm or key that somebody else names is never looked at.
      const key = alive().find((each) => each.header === head);
      if (key === undefined || body === undefined || signature === undefined || rest.length > 0) return null;
      const bytes = Buffer.from(signature, "base64url");
      if (bytes.toString("base64url") !== signature || !verify(null, Buffer.from(`${head}.${body}`), key.publicKey, bytes)) return null;
      const claims = fromJwt(JSON.parse(Buffer.from(body, "base64url").toString("utf8")) as Jwt);
      return claims.organizationId === organizationId && claims.expiresAt > at ? claims : null;
    },
  });
}

type Jwt = PresentationClaims & {
  readonly iss: string;
  readonly aud: string;
  readonly sub: string;
  readonly jti: string;
  readonly iat: number;
  readonly exp: number;
};

function toJwt(claims: SignedPresentation): Jwt {
  const { organizationId, consumerId, presentationId, issuedAt, expiresAt, ...presentation } = claims;
  return {
    iss: presentationIssuer,
    aud: organizationId,
    sub: consumerId,
    jti: presentationId,
    iat: Math.floor(issuedAt / 1000),
    exp: Math.floor(expiresAt / 1000),
    ...presentation,
  };
}

function fromJwt(jwt: Jwt): SignedPresentation {
  const { iss: _iss, aud, sub, jti, iat, exp, ...presentation } = jwt;
  return { organizationId: aud, consumerId: sub, presentationId: jti, issuedAt: iat * 1000, expiresAt: exp * 1000, ...presentation };
}
