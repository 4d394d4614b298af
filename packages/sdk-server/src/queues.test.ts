import { afterEach, expect, test } from "vitest";
import { createFanfare } from "./index.ts";
import { startPeer } from "./peer.test.fixture.ts";
import type { Peer, Reply } from "./peer.test.fixture.ts";

let peer: Peer;
afterEach(() => peer.close());

async function against(...replies: Reply[]) {
  peer = await startPeer(replies);
  const platform = { random: () => 0.5, wait: async () => undefined };
  return createFanfare({ secretKey: "sk_test_backend", organizationId: "org_demo", apiUrl: `${peer.url}/api`, platform }).queues;
}

test("stock is reported with the secret key, and again when the service could not take it or the answer was lost", async () => {
  const level = { queueId: "queue_a/b", remaining: 12, activeGrants: 3 };
  const overloaded = { status: 503, body: { error: "service_overloaded", message: "later", requestId: "req_1" }, headers: { "retry-after": "1" } };
  const queues = await against("hang up", overloaded, { status: 200, body: level });
  await expect(queues.reportStock({ queueId: "queue_a/b", remaining: 12 })).resolves.toEqual(level);
  expect(peer.requests).toHaveLength(3);
  expect(peer.requests[2]).toMatchObject({
    method: "POST",
    path: "/api/queues/queue_a%2Fb/stock",
    authorization: "Bearer sk_test_backend",
    body: { remaining: 12 },
  });
});

test("a queue that is not there is NOT_FOUND, at once", async () => {
  const queues = await against({ status: 404, body: { error: "not_found", message: "no", requestId: "req_1" } });
  await expect(queues.reportStock({ queueId: "queue_x", remaining: null })).rejects.toMatchObject({ code: "NOT_FOUND", retryable: false });
  expect(peer.requests).toHaveLength(1);
});
