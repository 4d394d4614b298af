import { createHash, createPublicKey, verify } from "node:crypto";
import type { JsonWebKeyInput, KeyObject } from "node:crypto";
import type { ProofRefusal } from "@fanfare-io/fanfare-contract";
import type { ProofNonces } from "./proof-nonces.ts";

/** What a proof has to be for. */
export interface ProofScope {
  readonly method: string;
  /** The path as the router saw it, `/api/…`, without query. */
  readonly path: string;
  /** The access token that goes with it, where one does. */
  readonly accessToken?: string;
}

/** What a proof says: which key signed it, or why it says nothing. */
export type ProofResult =
  | { readonly kind: "proved"; readonly thumbprint: string; readonly jti: string }
  | { readonly kind: "refused"; readonly reason: ProofRefusal; readonly seen?: string }
  | { readonly kind: "stale" };

/** Checks DPoP proofs (RFC 9449 §4.3). */
export interface Proofs {
  check(proof: string, scope: ProofScope): ProofResult;
  /** The nonce for the `DPoP-Nonce` header. */
  nonce(): string;
}

export interface ProofsOptions {
  readonly nonces: ProofNonces;
  readonly now: () => number;
  /** The addresses that clients call, each ending in `/api`; asked at each check, because a port may be known only once it listens. */
  readonly audiences: () => readonly string[];
}

const dsaEncoding = "ieee-p1363" as const;
const maxProofLength = 2_000;
/** How far a device's clock may be off, where its proof carries no nonce. */
export const clockWindowSeconds = 300;
const maxKeys = 1_000;

interface ProofKey {
  /** As it came for a key that is seen for the first time, which most are that make a guest; imported once it comes again. */
  readonly key: KeyObject | JsonWebKeyInput;
  /** RFC 7638, base64url. */
  readonly thumbprint: string;
}

/**
 * ES256 only. The header of one key's proofs is the same text each time, so that text finds the imported key again: checking
 * costs 75 µs with it and 105 without, to import first and check then 115 (2026-11-23). `jti` is not remembered here: most requests may come twice and do
 * nothing the second time, and those that may not are counted over all nodes (`http/middleware/spent-proofs.ts`).
 */
export function createProofs({ nonces, now, audiences }: ProofsOptions): Proofs {
  const keys = new Map<string, ProofKey>();

  const keyOf = (header: string): ProofKey | null => {
    const known = keys.get(header);
    if (known === undefined) return readKey(header);
    return "format" in known.key ? { ...known, key: createPublicKey(known.key) } : known;
  };
  const remember = (header: string, key: ProofKey): void => {
    // Taken out and put back, so that the first one is the one unused for longest.
    keys.delete(header);
    keys.set(header, key);
    if (keys.size > maxKeys) keys.delete(keys.keys().next().value as string);
  };
  const isFresh = (claims: Claims): boolean =>
    claims.nonce === undefined ? Math.abs(now() / 1000 - claims.iat) <= clockWindowSeconds : nonces.accepts(claims.nonce);

  return Object.freeze<Proofs>({
    check(proof, scope) {
      const refused = (reason: ProofRefusal, seen?: string): ProofResult => ({ kind: "refused", reason, ...(seen === undefined ? {} : { seen }) });
      const [header, payload, signature, more] = proof.length > maxProofLength ? [] : proof.split(".");
      if (header === undefined || payload === undefined || signature === undefined || more !== undefined) return refused("malformed");
      const claims = readClaims(payload);
      const key = claims && keyOf(header);
      if (claims === null || key === null) return refused("malformed");
      if (claims.htm !== scope.method) return refused("method");
      if (!names(claims.htu, scope.path, audiences())) return refused("url", claims.htu.slice(0, 300));
      if (scope.accessToken !== undefined && claims.ath !== sha256(scope.accessToken)) return refused("token");
      // Before the signature: whoever proves with an old nonce is told so for the price of an HMAC.
      if (!isFresh(claims)) return { kind: "stale" };
      const signed = isSigned(header, payload, signature, key.key);
      if (signed !== true) return refused(signed === null ? "malformed" : "signature");
      remember(header, key);
      return { kind: "proved", thumbprint: key.thumbprint, jti: claims.jti };
    },
    nonce: nonces.current,
  });
}

interface Claims {
  readonly jti: string;
  readonly htm: string;
  readonly htu: string;
  readonly iat: number;
  readonly nonce: string | undefined;
  readonly ath: string | undefined;
}

function readClaims(payload: string): Claims | null {
  const { jti, htm, htu, iat, nonce, ath } = readJson(payload) ?? {};
  if (typeof jti !== "string" || jti === "" || typeof htm !== "string" || typeof htu !== "string" || typeof iat !== "number") return null;
  if (!isTextOrAbsent(nonce) || !isTextOrAbsent(ath)) return null;
  return { jti, htm, htu, iat, nonce, ath };
}

/** The public key of a proof's header; null for any other algorithm, type or curve, and for a header that carries a private key. */
function readKey(header: string): ProofKey | null {
  const { typ, alg, jwk, crit } = readJson(header) ?? {};
  if (typ !== "dpop+jwt" || alg !== "ES256" || crit !== undefined || typeof jwk !== "object" || jwk === null) return null;
  const { kty, crv, x, y, d } = jwk as Record<string, unknown>;
  if (kty !== "EC" || crv !== "P-256" || !isCoordinate(x) || !isCoordinate(y) || d !== undefined) return null;
  return { key: { key: { kty, crv, x, y }, format: "jwk" }, thumbprint: sha256(`{"crv":"P-256","kty":"EC","x":"${x}","y":"${y}"}`) };
}

/** Null where the key is no point of the curve. */
function isSigned(header: string, payload: string, signature: string, key: ProofKey["key"]): boolean | null {
  const bytes = Buffer.from(signature, "base64url");
  if (bytes.length !== 64 || bytes.toString("base64url") !== signature) return false;
  const input = "format" in key ? { ...key, dsaEncoding } : { key, dsaEncoding };
  try {
    return verify("sha256", Buffer.from(`${header}.${payload}`), input, bytes);
  } catch {
    return null;
  }
}

/** Whether `htu` is this path at one of the addresses; its query and fragment do not count (RFC 9449 §4.3). */
function names(htu: string, path: string, audiences: readonly string[]): boolean {
  const asked = path.slice("/api".length);
  if (audiences.some((audience) => htu === audience + asked)) return true;
  const url = URL.parse(htu);
  if (url === null) return false;
  const plain = url.origin + url.pathname;
  return audiences.some((audience) => plain === URL.parse(audience + asked)?.href);
}

function readJson(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

const isTextOrAbsent = (value: unknown): value is string | undefined => value === undefined || typeof value === "string";

/** 32 bytes in base64url, in the one spelling that makes the thumbprint unique. */
function isCoordinate(value: unknown): value is string {
  return typeof value === "string" && value.length === 43 && Buffer.from(value, "base64url").toString("base64url") === value;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}
