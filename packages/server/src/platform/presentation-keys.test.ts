import { createLocalJWKSet, jwtVerify } from "jose";
import type { JSONWebKeySet } from "jose";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createPresentationKeys, kidOf } from "./presentation-keys.ts";

const at = Date.parse("2026-11-22T10:00:00Z");
const keys = createPresentationKeys(new Uint8Array(32).fill(3), () => at);
const claims = {
  organizationId: "org_a",
  consumerId: "018f0000-0000-7000-8000-000000000001",
  presentationId: "018f0000-0000-7000-8000-000000000003",
  grantId: "grant_1",
  experienceId: "exp_1",
  distributionId: "queue_1",
  mechanism: "queue" as const,
  nonce: "n",
  issuedAt: at,
  expiresAt: at + 120_000,
};

test("a presentation is what a shop's JOSE library expects from the JWKS", async () => {
  const { payload, protectedHeader } = await jwtVerify(keys.signPresentation(claims), createLocalJWKSet(keys.jwks() as JSONWebKeySet), {
    audience: "org_a",
    currentDate: new Date(at),
    algorithms: ["EdDSA"],
  });
  expect(protectedHeader.kid).toBe(keys.jwks().keys[0]?.["kid"]);
  expect(payload).toEqual({
    iss: "fanfare",
    aud: "org_a",
    sub: claims.consumerId,
    jti: claims.presentationId,
    iat: at / 1000,
    exp: at / 1000 + 120,
    grantId: "grant_1",
    experienceId: "exp_1",
    distributionId: "queue_1",
    mechanism: "queue",
    nonce: "n",
  });
});

test("it is read back for its organization only, and until it expires", () => {
  const token = keys.signPresentation(claims);
  expect(keys.readPresentation(token, "org_a", at)).toEqual(claims);
  expect(keys.readPresentation(token, "org_b", at)).toBeNull();
  expect(keys.readPresentation(token, "org_a", at + 120_000)).toBeNull();
});

test("a forged, unsigned, changed or foreign token is nothing, and nothing throws", () => {
  const token = keys.signPresentation(claims);
  const [head, body, signature] = token.split(".") as [string, string, string];
  const none = Buffer.from('{"alg":"none"}').toString("base64url");
  const stranger = createPresentationKeys(new Uint8Array(32).fill(4), () => at);
  for (const bad of [
    `${none}.${body}.`,
    `${head}.${body}.`,
    `${head}.${body}`,
    `${token}.`,
    `${head}.${body}x.${signature}`,
    stranger.signPresentation(claims),
  ])
    expect(keys.readPresentation(bad, "org_a", at)).toBeNull();
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => keys.readPresentation(text, "org_a", at) === null));
  fc.assert(fc.property(fc.string(), (text) => keys.readPresentation(`${head}.${text}.${signature}`, "org_a", at) === null));
});

test("a key is published before it signs and after it did, and what either signed is accepted until it retires", async () => {
  let now = at;
  const [old, next] = [new Uint8Array(32).fill(5), new Uint8Array(32).fill(6)];
  const rotating = createPresentationKeys(old, () => now);
  rotating.use([
    { seed: old, signsFrom: at - 1, retiresAt: at + 1_200_000 },
    { seed: next, signsFrom: at + 600_000, retiresAt: null },
  ]);
  const sign = () => rotating.signPresentation({ ...claims, expiresAt: now + 120_000 });
  const kid = (token: string) => JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString()).kid as string;
  const published = () => rotating.jwks().keys.map((key) => key["kid"]);
  const before = sign();
  expect([kid(before), published()]).toEqual([kidOf(old), [kidOf(old), kidOf(next)]]);
  now = at + 600_000;
  const after = sign();
  expect([kid(after), published()]).toEqual([kidOf(next), [kidOf(old), kidOf(next)]]);
  expect(rotating.readPresentation(before, "org_a", at + 1)).not.toBeNull();
  now = at + 1_200_000;
  expect(published()).toEqual([kidOf(next)]);
  expect(rotating.readPresentation(before, "org_a", at + 1)).toBeNull();
  expect(rotating.readPresentation(after, "org_a", at + 1)).not.toBeNull();
});
