import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createTokens } from "./tokens.ts";

const consumerId = "018f0000-0000-7000-8000-000000000001";
const sessionId = "018f0000-0000-7000-8000-000000000002";
let now = 1_000_000;
const tokens = createTokens({ secret: new Uint8Array(32).fill(7), now: () => now });
const access = { organizationId: "org_a", consumerId, sessionId, keyThumbprint: null };

describe("tokens", () => {
  test("are read back as they were issued, until they expire", () => {
    const token = tokens.issueAccessToken(access, now + 1000);
    expect(tokens.readAccessToken(token)).toEqual({ ...access, expiresAt: now + 1000 });
    now += 1000;
    expect(tokens.readAccessToken(token)).toBeNull();
    const bound = { ...access, keyThumbprint: "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" };
    expect(tokens.readAccessToken(tokens.issueAccessToken(bound, now + 5))).toEqual({ ...bound, expiresAt: now + 5 });
    const poll = { organizationId: "org_a", queueId: "queue_1", consumerId };
    expect(tokens.readPollToken(tokens.issuePollToken(poll, now + 5))).toEqual({ ...poll, expiresAt: now + 5 });
    const refresh = { organizationId: "org_a", sessionId, counter: 7 };
    expect(tokens.readRefreshToken(tokens.issueRefreshToken(refresh))).toEqual(refresh);
  });

  test("of one purpose or secret are nothing to another", () => {
    const token = tokens.issueAccessToken(access, now + 1000);
    const body = token.slice(3);
    expect(tokens.readPollToken(`pt_${body}`)).toBeNull();
    expect(tokens.readRefreshToken(`rt_${body}`)).toBeNull();
    expect(createTokens({ secret: new Uint8Array(32).fill(8), now: () => now }).readAccessToken(token)).toBeNull();
  });

  test("have one spelling: any changed, added or missing character voids them", () => {
    const token = tokens.issueAccessToken(access, now + 1000);
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.constantFrom(...Array.from("AZaz09-_.=%\0é ")), (at, character) => {
        const changed = token.slice(0, at) + character + token.slice(at + 1);
        expect(changed === token || tokens.readAccessToken(changed) === null).toBe(true);
      }),
    );
    for (const changed of [`${token}=`, `${token}A`, token.slice(0, -1), ` ${token}`, "", "at_", token.repeat(20)])
      expect(tokens.readAccessToken(changed)).toBeNull();
  });

  test("never throw, whatever is read", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string({ unit: "binary" }),
          fc.base64String().map((text) => `at_${text}`),
        ),
        (text) => {
          expect([tokens.readAccessToken(text), tokens.readPollToken(text), tokens.readRefreshToken(text)]).toEqual([null, null, null]);
        },
      ),
    );
  });
});
