import { createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createPresentationKeys } from "./presentation-keys.ts";
import { createProofNonces } from "./proof-nonces.ts";
import { createProofs } from "./proofs.ts";
import { createSeals } from "./seals.ts";
import { createTokens } from "./tokens.ts";

const now = Date.parse("2026-11-23T10:00:00Z");
const secret = new Uint8Array(32).fill(7);
const tokens = createTokens({ secret, now: () => now });
const nonces = createProofNonces(secret, () => now);
const proofs = createProofs({ nonces, now: () => now, audiences: () => ["https://shop.example/api"] });
const presentations = createPresentationKeys(new Uint8Array(32).fill(3), () => now);
const seals = createSeals(secret, "test");
const id = "018f0000-0000-7000-8000-000000000001";

/** Texts that are nearly right: one right text, cut, doubled, flipped in a bit, spelled otherwise, or with a part of another. */
function nearly(right: string): fc.Arbitrary<string> {
  const at = fc.nat(right.length - 1);
  return fc
    .oneof(
      at.map((cut) => right.slice(0, cut)),
      at.map((cut) => right.slice(cut)),
      at.map((place) => right.slice(0, place) + right.slice(place).toUpperCase()),
      fc.tuple(at, fc.string({ unit: "binary", maxLength: 3 })).map(([place, text]) => right.slice(0, place) + text + right.slice(place)),
      fc.tuple(at, at).map(([one, other]) => right.slice(0, one) + right.slice(other)),
      fc.constantFrom(
        `${right}.`,
        `.${right}`,
        `${right}=`,
        `${right}\0`,
        ` ${right}`,
        `${right}\n`,
        right.repeat(2),
        right.replaceAll("_", "/").replaceAll("-", "+"),
      ),
    )
    .filter((text) => text !== right);
}

const grant = { grantId: "grant_1", experienceId: "exp_1", distributionId: "queue_1", mechanism: "queue" as const };
const presentation = presentations.signPresentation({
  ...grant,
  organizationId: "org_a",
  consumerId: id,
  presentationId: id,
  issuedAt: now,
  expiresAt: now + 1_000,
});
const sealed = Buffer.from(seals.seal(secret)).toString("base64url");

describe("what is nearly right is nothing, and nothing throws:", () => {
  test.each([
    [
      "an access token",
      tokens.issueAccessToken({ organizationId: "org_a", consumerId: id, sessionId: id, keyThumbprint: null }, now + 1),
      tokens.readAccessToken,
    ],
    ["a poll token", tokens.issuePollToken({ organizationId: "org_a", queueId: "queue_1", consumerId: id }, now + 1), tokens.readPollToken],
    ["a refresh token", tokens.issueRefreshToken({ organizationId: "org_a", sessionId: id, counter: 1 }), tokens.readRefreshToken],
    ["a transfer code", tokens.issueTransferCode({ organizationId: "org_a", sessionId: id, origin: "https://shop.example" }, now + 1), tokens.readTransferCode],
    ["a presentation", presentation, (text: string) => presentations.readPresentation(text, "org_a", now)],
  ])("%s", (_title, right, read: (text: string) => unknown) => {
    expect(read(right)).not.toBeNull();
    fc.assert(fc.property(nearly(right), (text) => read(text) === null));
  });

  test("a nonce", () => {
    const right = nonces.current();
    expect(nonces.accepts(right)).toBe(true);
    fc.assert(fc.property(nearly(right), (text) => !nonces.accepts(text)));
  });

  test("a sealed seed", () => {
    expect(seals.open(Buffer.from(sealed, "base64url"))).toEqual(Buffer.from(secret));
    fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => seals.open(bytes) === null));
    const flips = fc.tuple(fc.nat(Buffer.from(sealed, "base64url").length - 1), fc.integer({ min: 1, max: 255 }));
    const flipped = flips.map(([place, bits]) => Buffer.from(sealed, "base64url").map((byte, index) => (index === place ? byte ^ bits : byte)));
    fc.assert(fc.property(flipped, (bytes) => seals.open(bytes) === null));
  });
});

/** Signs any header and any claims, as somebody who has a key of their own may. */
const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const { kty, crv, x, y } = createPublicKey(privateKey).export({ format: "jwk" });
function signed(header: unknown, claims: unknown): string {
  const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  return `${text}.${sign("sha256", Buffer.from(text), { key: privateKey, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
}
const header = { typ: "dpop+jwt", alg: "ES256", jwk: { kty, crv, x, y } };
const claims = { jti: "one", htm: "POST", htu: "https://shop.example/api/auth/guest", iat: now / 1000 };
const scope = { method: "POST", path: "/api/auth/guest" };

/** One member of an object, replaced by anything, or gone. */
const spoiled = <T extends object>(right: T): fc.Arbitrary<Record<string, unknown>> =>
  fc
    .tuple(fc.constantFrom(...Object.keys(right)), fc.oneof(fc.anything({ maxDepth: 1 }), fc.constant(undefined)))
    .map(([name, value]) => ({ ...right, [name]: value }));

test("a well signed proof with any one of its parts spoiled proves nothing", () => {
  expect(proofs.check(signed(header, claims), scope)).toMatchObject({ kind: "proved" });
  const proves = (text: string): boolean => proofs.check(text, scope).kind === "proved";
  fc.assert(fc.property(spoiled(header), (bad) => JSON.stringify(bad) === JSON.stringify(header) || !proves(signed(bad, claims))));
  fc.assert(fc.property(spoiled(header.jwk), (jwk) => JSON.stringify(jwk) === JSON.stringify(header.jwk) || !proves(signed({ ...header, jwk }, claims))));
  // Any other text of `jti` is right too, and an `iat` within the window.
  const { htm, htu } = claims;
  fc.assert(
    fc.property(spoiled({ htm, htu }), (bad) => JSON.stringify(bad) === JSON.stringify({ htm, htu }) || !proves(signed(header, { ...claims, ...bad }))),
  );
  fc.assert(fc.property(nearly(signed(header, claims)), (text) => !proves(text)));
});

test("a refusal of a presentation does not say what was wrong with it", () => {
  const [head = "", body = ""] = presentation.split(".");
  const read = (text: string) => presentations.readPresentation(text, "org_a", now);
  const stranger = createPresentationKeys(new Uint8Array(32).fill(4), () => now).signPresentation({
    ...grant,
    organizationId: "org_a",
    consumerId: id,
    presentationId: id,
    issuedAt: now,
    expiresAt: now + 1,
  });
  for (const text of ["", "a.b.c", `${head}.${body}.AAAA`, stranger, presentation.replace(body, body.slice(1))]) expect(read(text)).toBeNull();
  expect(presentations.readPresentation(presentation, "org_b", now)).toBeNull();
});
