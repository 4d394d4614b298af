import { afterEach, expect, test } from "vitest";
import { createFanfare } from "./index.ts";
import { startPeer } from "./peer.test.fixture.ts";
import type { Peer, Reply } from "./peer.test.fixture.ts";

let peer: Peer;
afterEach(() => peer.close());

async function against(...replies: Reply[]) {
  peer = await startPeer(replies);
  const platform = { random: () => 0.5, wait: async () => undefined };
  return createFanfare({ secretKey: "sk_test_backend", organizationId: "org_demo", apiUrl: `${peer.url}/api`, platform }).identities;
}
const ann = { provider: "shopify", issuer: "https://shop.example", subject: "7", claims: { email: "ann@example.com", emailVerified: true } };

test("who is signed in is told with the secret key, and again when the answer was lost", async () => {
  const code = { exchangeCode: "xc_1", expiresAt: "2026-11-23T10:00:00.000Z" };
  const identities = await against("hang up", { status: 200, body: code });
  await expect(identities.authorize(ann)).resolves.toEqual(code);
  expect(peer.requests[1]).toMatchObject({ method: "POST", path: "/api/auth/external/authorize", authorization: "Bearer sk_test_backend", body: ann });
});

test("what the service does not understand is refused with its words, at once", async () => {
  const identities = await against({ status: 400, body: { error: "validation_error", message: "no", requestId: "req_1" } });
  await expect(identities.authorize({ ...ann, codeChallenge: "short" })).rejects.toMatchObject({ code: "VALIDATION_ERROR", retryable: false });
  expect(peer.requests).toHaveLength(1);
});
