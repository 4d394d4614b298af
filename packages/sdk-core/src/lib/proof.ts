import { toBase64Url } from "./base64url.ts";
import type { Signing, SigningKey } from "./signing.ts";

/** What one proof is for. */
export interface ProofClaims {
  /** Random. */
  readonly jti: Uint8Array;
  readonly htm: string;
  /** The address without query and fragment. */
  readonly htu: string;
  /** Seconds. */
  readonly iat: number;
  readonly nonce?: string | undefined;
  /** The access token that goes with it; its hash is proved. */
  readonly accessToken?: string | undefined;
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const encode = (value: object): string => toBase64Url(bytesOf(JSON.stringify(value)));

/** A DPoP proof (RFC 9449 §4.2). Its header is the same text for the same key, which lets the service recognize the key. */
export async function createProof(signing: Signing, key: SigningKey, { accessToken, jti, ...claims }: ProofClaims): Promise<string> {
  const ath = accessToken === undefined ? {} : { ath: toBase64Url(await signing.digest(bytesOf(accessToken))) };
  const text = `${encode({ typ: "dpop+jwt", alg: "ES256", jwk: key.jwk })}.${encode({ ...claims, jti: toBase64Url(jti), ...ath })}`;
  return `${text}.${toBase64Url(await signing.sign(key, bytesOf(text)))}`;
}
