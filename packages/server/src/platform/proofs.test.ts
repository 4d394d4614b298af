import { createHash } from "node:crypto";
import fc from "fast-check";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import { audiencesOf } from "./audiences.ts";
import { createProofNonces } from "./proof-nonces.ts";
import { createProofs } from "./proofs.ts";

const began = Date.parse("2026-11-22T10:00:00Z");
let now = began;
const nonces = createProofNonces(new Uint8Array(32).fill(7), () => now);
const proofs = createProofs({ nonces, now: () => now, audiences: () => ["https://shop.example/api", "http://localhost:4802/api"] });
const scope = { method: "POST", path: "/api/auth/guest" };

type Pair = Awaited<ReturnType<typeof generateKeyPair>>;
let pair: Pair;
beforeAll(async () => {
  pair = await generateKeyPair("ES256", { extractable: true });
});

interface Change {
  readonly header?: Record<string, unknown>;
  readonly claims?: Record<string, unknown>;
  readonly key?: Pair;
  readonly signWith?: Pair;
  readonly alg?: string;
}

async function proof({ header = {}, claims = {}, key = pair, signWith = key, alg = "ES256" }: Change = {}): Promise<string> {
  const payload = { jti: "one", htm: "POST", htu: "https://shop.example/api/auth/guest", iat: Math.floor(now / 1000), ...claims };
  const jwk = await exportJWK(key.publicKey);
  return new SignJWT(payload).setProtectedHeader({ alg, typ: "dpop+jwt", jwk, ...header }).sign(signWith.privateKey);
}

describe("a proof", () => {
  test("made by a JOSE library names its key by the library's thumbprint", async () => {
    const thumbprint = await calculateJwkThumbprint(await exportJWK(pair.publicKey));
    expect(proofs.check(await proof(), scope)).toEqual({ kind: "proved", thumbprint, jti: "one" });
    // Again, with the key at hand.
    expect(proofs.check(await proof({ claims: { jti: "two" } }), scope)).toEqual({ kind: "proved", thumbprint, jti: "two" });
  });

  test.each([
    ["https://shop.example/api/auth/guest?query=1#part", "proved"],
    ["HTTPS://SHOP.example:443/api/auth/guest", "proved"],
    ["http://localhost:4802/api/auth/guest", "proved"],
    ["https://evil.example/api/auth/guest", "url"],
    ["http://shop.example/api/auth/guest", "url"],
    ["https://shop.example/api/auth/guest/", "url"],
    ["https://shop.example/api/auth/refresh", "url"],
    ["/api/auth/guest", "url"],
  ])("for %s is %s", async (htu, expected) => {
    const result = proofs.check(await proof({ claims: { htu } }), scope);
    expect(result.kind === "refused" ? result.reason : result.kind).toBe(expected);
  });

  test.each([
    ["another method", { claims: { htm: "GET" } }, "method"],
    ["no jti", { claims: { jti: undefined } }, "malformed"],
    ["no iat", { claims: { iat: undefined } }, "malformed"],
    ["a nonce that is no text", { claims: { nonce: 7 } }, "malformed"],
    ["another type", { header: { typ: "JWT" } }, "malformed"],
    ["no key", { header: { jwk: undefined } }, "malformed"],
    ["a point off the curve", { header: { jwk: { kty: "EC", crv: "P-256", x: "A".repeat(43), y: "A".repeat(43) } } }, "malformed"],
  ])("with %s is refused", async (_title, change, reason) => {
    expect(proofs.check(await proof(change), scope)).toMatchObject({ kind: "refused", reason });
  });

  test("with the private key in its header is refused", async () => {
    expect(proofs.check(await proof({ header: { jwk: await exportJWK(pair.privateKey) } }), scope)).toMatchObject({ reason: "malformed" });
  });

  test("of another algorithm is refused, whatever its key", async () => {
    for (const alg of ["ES384", "EdDSA", "RS256"]) {
      const key = await generateKeyPair(alg, { extractable: true });
      expect(proofs.check(await proof({ key, alg }), scope)).toMatchObject({ reason: "malformed" });
    }
    const [, payload] = (await proof()).split(".");
    const none = Buffer.from(JSON.stringify({ typ: "dpop+jwt", alg: "none", jwk: await exportJWK(pair.publicKey) })).toString("base64url");
    expect(proofs.check(`${none}.${payload}.`, scope)).toMatchObject({ reason: "malformed" });
  });

  test("signed by another key than its own is refused", async () => {
    const stranger = await generateKeyPair("ES256");
    expect(proofs.check(await proof({ signWith: stranger }), scope)).toMatchObject({ reason: "signature" });
  });

  test("that goes with an access token names that token", async () => {
    const ath = createHash("sha256").update("at_mine").digest("base64url");
    expect(proofs.check(await proof({ claims: { ath } }), { ...scope, accessToken: "at_mine" })).toMatchObject({ kind: "proved" });
    expect(proofs.check(await proof({ claims: { ath } }), { ...scope, accessToken: "at_other" })).toMatchObject({ reason: "token" });
    expect(proofs.check(await proof(), { ...scope, accessToken: "at_mine" })).toMatchObject({ reason: "token" });
  });

  test("without a nonce is as old as its clock says, within five minutes", async () => {
    const at = (seconds: number) => proof({ claims: { iat: now / 1000 + seconds } });
    for (const seconds of [-300, 300]) expect(proofs.check(await at(seconds), scope)).toMatchObject({ kind: "proved" });
    for (const seconds of [-301, 301, 86_400]) expect(proofs.check(await at(seconds), scope)).toEqual({ kind: "stale" });
  });

  test("with a nonce is as old as that, whatever the device's clock says", async () => {
    const claims = { nonce: proofs.nonce(), iat: now / 1000 + 86_400 };
    const text = await proof({ claims });
    now = began + 5 * 60_000;
    expect(proofs.check(text, scope)).toMatchObject({ kind: "proved" });
    now = began + 6 * 60_000;
    expect(proofs.check(text, scope)).toEqual({ kind: "stale" });
    now = began;
    for (const nonce of ["", "nonsense", `${proofs.nonce()}x`, "zzzzzz.aaaa"])
      expect(proofs.check(await proof({ claims: { nonce } }), scope)).toEqual({ kind: "stale" });
  });

  test("is void with any character changed, and nothing that is read makes the check throw", async () => {
    const text = await proof();
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom(...Array.from("AZaz09-_.=%")), (at, character) => {
        const changed = text.slice(0, at) + character + text.slice(at + 1);
        expect(changed === text || proofs.check(changed, scope).kind !== "proved").toBe(true);
      }),
    );
    fc.assert(fc.property(fc.string(), (any) => proofs.check(any, scope).kind === "refused"));
  });
});

test("the addresses are the configured ones, else where the service listens, in every spelling of a laptop", () => {
  expect(audiencesOf(["https://shop.example", "https://queue.example/api/"], "http://localhost:1/api")).toEqual([
    "https://shop.example/api",
    "https://queue.example/api",
  ]);
  expect(audiencesOf([], "http://127.0.0.1:4802/api")).toEqual(["http://localhost:4802/api", "http://127.0.0.1:4802/api", "http://[::1]:4802/api"]);
  expect(audiencesOf([], "http://10.0.0.1:4802/api")).toEqual(["http://10.0.0.1:4802/api"]);
});
