/** A P-256 key that signs and cannot be read out. */
export interface SigningKey {
  readonly id: string;
  readonly jwk: { readonly kty: "EC"; readonly crv: "P-256"; readonly x: string; readonly y: string };
  /** Opaque. */
  readonly privateKey: unknown;
}

/** Cryptography of the page. */
export interface Signing {
  generate(): Promise<SigningKey>;
  /** ES256, the 64 bytes of IEEE P1363. */
  sign(key: SigningKey, data: Uint8Array): Promise<Uint8Array>;
  /** SHA-256. */
  digest(data: Uint8Array): Promise<Uint8Array>;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/** WebCrypto behind the interface; null where the page has none. */
export function openSigning(): Signing | null {
  const subtle = globalThis.crypto?.subtle;
  if (!subtle) return null;
  return Object.freeze<Signing>({
    async generate() {
      // Not extractable: a script can use it while it is in the page, and take it nowhere.
      const { privateKey, publicKey } = await subtle.generateKey(algorithm, false, ["sign"]);
      const { x = "", y = "" } = await subtle.exportKey("jwk", publicKey);
      return { id: x, jwk: { kty: "EC", crv: "P-256", x, y }, privateKey };
    },
    sign: async ({ privateKey }, data) => new Uint8Array(await subtle.sign(algorithm, privateKey as CryptoKey, data as BufferSource)),
    digest: async (data) => new Uint8Array(await subtle.digest("SHA-256", data as BufferSource)),
  });
}
