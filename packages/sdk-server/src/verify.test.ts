import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createFanfare } from "./index.ts";
import { startPeer } from "./peer.test.fixture.ts";
import type { CryptoKey, JWTPayload } from "jose";
import type { Fanfare, GrantTokenFlaw } from "./index.ts";
import type { Peer } from "./peer.test.fixture.ts";

const now = Date.parse("2026-11-22T10:00:00Z");
const jwksPath = "/api/.well-known/jwks.json";
const claims = {
  iss: "https://line.example.com",
  aud: "org_demo",
  sub: "019aa9d2-0000-7000-8000-000000000001",
  jti: "pres_1",
  iat: now / 1000,
  exp: now / 1000 + 120,
  grantId: "grant_1",
  experienceId: "exp_drop",
  distributionId: "queue_drop",
  mechanism: "queue",
} satisfies JWTPayload;

let peer: Peer;
let keys: JsonWebKey[];
let signingKey: CryptoKey;
let fanfare: Fanfare;
let clock: number;

beforeEach(async () => {
  const pair = await generateKeyPair("EdDSA", { extractable: true });
  signingKey = pair.privateKey;
  keys = [{ ...(await exportJWK(pair.publicKey)), kid: "k1", alg: "EdDSA", use: "sig" } as JsonWebKey];
  peer = await startPeer([], { [jwksPath]: { keys } });
  clock = now;
  fanfare = createFanfare({ secretKey: "sk_test_backend", organizationId: "org_demo", apiUrl: `${peer.url}/api`, platform: { now: () => clock } });
});
afterEach(() => peer.close());

const sign = (payload: JWTPayload, key = signingKey, kid = "k1"): Promise<string> => new SignJWT(payload).setProtectedHeader({ alg: "EdDSA", kid }).sign(key);

const flaws: [GrantTokenFlaw, () => Promise<string>, number][] = [
  ["expired", () => sign(claims), 126_000],
  ["expired", () => sign({ ...claims, exp: now / 1000 + 9_999 }), 126_000],
  ["wrong_organization", () => sign({ ...claims, aud: "org_other" }), 0],
  ["malformed", () => sign({ ...claims, grantId: undefined }), 0],
  ["malformed", () => sign({ ...claims, jti: undefined } as unknown as JWTPayload), 0],
  ["malformed", async () => "not a token", 0],
  ["forged", async () => sign(claims, (await generateKeyPair("EdDSA")).privateKey), 0],
  ["forged", () => sign(claims, signingKey, "k_unknown"), 0],
  ["forged", () => new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).sign(new Uint8Array(32)), 0],
];

describe("verify", () => {
  test("reads a genuine token and asks for the keys once", async () => {
    const token = await sign(claims);
    const preview = { consumerId: claims.sub, grantId: "grant_1", experienceId: "exp_drop", distributionId: "queue_drop", mechanism: "queue" };
    await expect(fanfare.grants.verify(token)).resolves.toEqual({ ...preview, tokenExpiresAt: "2026-11-22T10:02:00.000Z" });
    await fanfare.grants.verify(token);
    expect(peer.requests.map((request) => request.path)).toEqual([jwksPath]);
  });

  test("never sends the secret key for the public keys", async () => {
    await fanfare.grants.verify(await sign(claims));
    expect(peer.requests[0]?.authorization).toBeUndefined();
  });

  test.each(flaws)("refuses a token that is %s (case %#)", async (reason, make, laterMs) => {
    const token = await make();
    clock += laterMs;
    await expect(fanfare.grants.verify(token)).rejects.toMatchObject({ code: "INVALID_GRANT_TOKEN", status: 422, retryable: false, details: { reason } });
  });

  test("refuses every token whose payload was changed after signing", async () => {
    const [header, , signature] = (await sign(claims)).split(".");
    const payload = Buffer.from(JSON.stringify({ ...claims, grantId: "grant_2" })).toString("base64url");
    await expect(fanfare.grants.verify(`${header}.${payload}.${signature}`)).rejects.toMatchObject({ details: { reason: "forged" } });
  });

  test("compares the nonce when the shop gave one", async () => {
    const token = await sign({ ...claims, nonce: "n1" });
    await expect(fanfare.grants.verify(token, { nonce: "n1" })).resolves.toMatchObject({ nonce: "n1" });
    await expect(fanfare.grants.verify(token, { nonce: "n2" })).rejects.toMatchObject({ code: "GRANT_NONCE_MISMATCH" });
    await expect(fanfare.grants.verify(await sign(claims), { nonce: "n1" })).rejects.toMatchObject({ code: "GRANT_NONCE_MISMATCH" });
  });

  test("says NETWORK_ERROR, not forged, when the keys cannot be read", async () => {
    const elsewhere = createFanfare({ secretKey: "sk_test_backend", organizationId: "org_demo", apiUrl: `${peer.url}/wrong`, platform: { now: () => clock } });
    await expect(elsewhere.grants.verify(await sign(claims))).rejects.toMatchObject({ code: "NETWORK_ERROR", retryable: true });
  });
});
