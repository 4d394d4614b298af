import { createHash, createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import type { JsonWebKey } from "node:crypto";
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

/** Signs presentations and reads them back. */
export interface PresentationKeys {
  /** An EdDSA JWT that shops can check against the JWKS. */
  signPresentation(claims: SignedPresentation): string;
  /** Null for a token that is malformed, forged, expired, or meant for another organization: callers need not know which. */
  readPresentation(token: string, organizationId: string, now: number): SignedPresentation | null;
  /** Signs a text as it is: a statement of a draw (docs/draw-proof.md). It begins with a brace, which no JWT does. */
  signStatement(text: string): { readonly text: string; readonly signature: string; readonly keyId: string };
  /** The public keys, as `/.well-known/jwks.json` shows them. */
  readonly jwks: { readonly keys: readonly JsonWebKey[] };
}

/** `iss` of every presentation; what tells services apart is their key. */
export const presentationIssuer = "fanfare";

// RFC 8410: what stands before the 32 bytes of an Ed25519 key in PKCS #8.
const pkcs8Header = Buffer.from("302e020100300506032b657004220420", "hex");

/** Keys from a 32-byte Ed25519 seed. Imported once: importing for each signature would triple its cost. */
export function createPresentationKeys(seed: Uint8Array): PresentationKeys {
  const privateKey = createPrivateKey({ key: Buffer.concat([pkcs8Header, seed]), format: "der", type: "pkcs8" });
  const publicKey = createPublicKey(privateKey);
  const { x } = publicKey.export({ format: "jwk" });
  // RFC 7638: the thumbprint over the required members in their order.
  const kid = createHash("sha256").update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).digest("base64url");
  const header = Buffer.from(JSON.stringify({ alg: "EdDSA", kid, typ: "JWT" })).toString("base64url");

  return Object.freeze<PresentationKeys>({
    jwks: { keys: [{ kty: "OKP", crv: "Ed25519", x: x as string, kid, use: "sig", alg: "EdDSA" }] },
    signPresentation(claims) {
      const body = Buffer.from(JSON.stringify(toJwt(claims))).toString("base64url");
      const signed = `${header}.${body}`;
      return `${signed}.${sign(null, Buffer.from(signed), privateKey).toString("base64url")}`;
    },
    signStatement: (text) => ({ text, signature: sign(null, Buffer.from(text), privateKey).toString("base64url"), keyId: kid }),
    readPresentation(token, organizationId, now) {
      const [head, body, signature, ...rest] = token.split(".");
      // The header is ours byte for byte: an algorithm or key that somebody else names is never looked at.
      if (head !== header || body === undefined || signature === undefined || rest.length > 0) return null;
      const bytes = Buffer.from(signature, "base64url");
      if (bytes.toString("base64url") !== signature || !verify(null, Buffer.from(`${head}.${body}`), publicKey, bytes)) return null;
      const claims = fromJwt(JSON.parse(Buffer.from(body, "base64url").toString("utf8")) as Jwt);
      return claims.organizationId === organizationId && claims.expiresAt > now ? claims : null;
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
