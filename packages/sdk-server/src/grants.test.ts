import { afterEach, describe, expect, test } from "vitest";
import { createFanfare, isFanfareError } from "./index.ts";
import { startPeer } from "./peer.test.fixture.ts";
import type { FanfareErrorCode } from "./index.ts";
import type { Peer, Reply } from "./peer.test.fixture.ts";

const secretKey = "sk_test_backend";
let peer: Peer;
afterEach(() => peer.close());

/** A client against a real server that answers from a script; pauses are written down instead of waited for. */
async function against(...replies: Reply[]) {
  peer = await startPeer(replies);
  const pauses: number[] = [];
  const platform = { random: () => 0.5, wait: async (milliseconds: number) => void pauses.push(milliseconds) };
  const { grants } = createFanfare({ secretKey, organizationId: "org_demo", apiUrl: `${peer.url}/api/`, timeoutMs: 2_000, platform });
  return { grants, pauses };
}

async function codeOf(call: Promise<unknown>): Promise<FanfareErrorCode> {
  const error = await call.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!isFanfareError(error)) throw new Error("expected a FanfareError");
  expect(JSON.stringify(error) + error.message + String(error.stack)).not.toContain(secretKey);
  return error.code;
}

const redemption = { redemptionId: "red_1", grantId: "grant_1", heldUntil: "2026-11-22T10:00:00.000Z" };
const receipt = { receiptId: "rcpt_1", redemptionId: "red_1", orderId: "order_1" };
const refusal = (error: string, extra: object = {}) => ({ error, message: "no", requestId: "req_1", ...extra });

describe("validate", () => {
  test("posts token and nonce with the secret key and returns the hold", async () => {
    const { grants } = await against({ status: 200, body: redemption });
    await expect(grants.validate({ token: "a.b.c", nonce: "n1" })).resolves.toEqual(redemption);
    expect(peer.requests).toMatchObject([
      { method: "POST", path: "/api/grants/validate", authorization: `Bearer ${secretKey}`, body: { token: "a.b.c", nonce: "n1" } },
    ]);
  });

  test("tells a used token by its code, with the service's facts", async () => {
    const { grants } = await against({ status: 409, body: refusal("grant_token_used", { details: { grantId: "grant_1" } }) });
    await expect(grants.validate("a.b.c")).rejects.toMatchObject({
      code: "GRANT_TOKEN_USED",
      status: 409,
      requestId: "req_1",
      retryable: false,
      details: { grantId: "grant_1" },
    });
  });

  test("is sent once, because a lost answer may have used the token", async () => {
    const { grants } = await against("hang up", { status: 200, body: redemption });
    expect(await codeOf(grants.validate("a.b.c"))).toBe("NETWORK_ERROR");
    expect(peer.requests).toHaveLength(1);
  });

  test.each([undefined, null, "", 7, {}, { token: ["a"] }, "x".repeat(5_000)])("refuses %j without a request", async (token) => {
    const { grants } = await against();
    expect(await codeOf(grants.validate(token as string))).toBe("INVALID_GRANT_TOKEN");
    expect(peer.requests).toHaveLength(0);
  });
});

describe("complete", () => {
  test("is repeated over a lost connection, a proxy's page and a busy service, always with the same order", async () => {
    const { grants, pauses } = await against(
      "hang up",
      { status: 502, body: "<html>bad gateway</html>" },
      { status: 503, body: refusal("service_unavailable"), headers: { "retry-after": "1" } },
      { status: 200, body: receipt },
    );
    await expect(grants.complete({ redemptionId: "red_1", orderId: "order_1", orderAmount: "180.00" })).resolves.toEqual(receipt);
    expect(new Set(peer.requests.map((request) => JSON.stringify(request.body)))).toEqual(
      new Set([JSON.stringify({ redemptionId: "red_1", orderId: "order_1", orderAmount: "180.00" })]),
    );
    expect(pauses).toEqual([100, 200, 1_400]);
  });

  test("gives up after four tries and says that it may help to ask again", async () => {
    const { grants } = await against("hang up", "hang up", "hang up", "hang up");
    await expect(grants.complete({ redemptionId: "red_1", orderId: "order_1" })).rejects.toMatchObject({ code: "NETWORK_ERROR", retryable: true });
    expect(peer.requests).toHaveLength(4);
  });

  test("is not repeated when another order has won", async () => {
    const { grants } = await against({ status: 409, body: refusal("grant_completed") });
    expect(await codeOf(grants.complete({ redemptionId: "red_1", orderId: "order_2" }))).toBe("GRANT_COMPLETED");
    expect(peer.requests).toHaveLength(1);
  });

  test("leaves a long Retry-After to its caller", async () => {
    const { grants, pauses } = await against({ status: 503, body: refusal("service_unavailable"), headers: { "retry-after": "60" } });
    await expect(grants.complete({ redemptionId: "red_1", orderId: "order_1" })).rejects.toMatchObject({ retryAfterSeconds: 60 });
    expect(pauses).toEqual([]);
  });
});

describe("release", () => {
  test("gives the hold back and is repeated only when the service refused to take it now", async () => {
    const released = { grantId: "grant_1", status: "active", expiresAt: redemption.heldUntil };
    const { grants } = await against({ status: 429, body: refusal("rate_limited"), headers: { "retry-after": "1" } }, { status: 200, body: released });
    await expect(grants.release({ redemptionId: "red_1" })).resolves.toEqual(released);
    expect(peer.requests).toHaveLength(2);
  });

  test("does not guess after a lost answer", async () => {
    const { grants } = await against("hang up");
    expect(await codeOf(grants.release({ redemptionId: "red_1" }))).toBe("NETWORK_ERROR");
  });
});

describe("answers that are not the service's", () => {
  test.each([
    ["a page", { status: 200, body: "<html>hello</html>" }],
    ["a list", { status: 200, body: [1] }],
    ["an unknown code", { status: 400, body: { error: "toString" } }],
    ["a redirect", { status: 302, body: "", headers: { location: "/elsewhere" } }],
  ] satisfies [string, Reply][])("%s is INVALID_RESPONSE and the secret key goes nowhere else", async (_what, reply) => {
    const { grants } = await against(reply);
    expect(await codeOf(grants.validate("a.b.c"))).toBe("INVALID_RESPONSE");
    expect(peer.requests).toHaveLength(1);
  });

  test("silence is TIMEOUT", async () => {
    peer = await startPeer(["stay silent"]);
    const { grants } = createFanfare({ secretKey, organizationId: "org_demo", apiUrl: `${peer.url}/api`, timeoutMs: 40 });
    expect(await codeOf(grants.validate("a.b.c"))).toBe("TIMEOUT");
  });
});
