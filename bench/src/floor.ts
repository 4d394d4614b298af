import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

// The floor: what a Node server costs that does nothing but check one HMAC, read a body and answer with the headers that the
// service sends. Run as a process of its own; prints its address.

const key = Buffer.alloc(32, 7);
const claims = Buffer.alloc(48, 1);
const expected = createHmac("sha256", key).update(claims).digest();

const answers = {
  guest: JSON.stringify({
    accessToken: "a".repeat(150),
    refreshToken: "r".repeat(110),
    tokenType: "Bearer",
    expiresInSeconds: 600,
    session: { type: "guest", consumerId: "0".repeat(36), guestId: "0".repeat(36), expiresAt: "2026-01-01T00:00:00.000Z", bound: false },
  }),
  state: JSON.stringify({
    status: "QUEUED",
    ticket: 1000,
    position: 1000,
    waitingAhead: 999,
    positionDisplayMode: "precise",
    progress: 0.5,
    estimatedWaitTimeInSeconds: 600,
    estimate: { low: 500, high: 700 },
    admitRatePerMinute: 100,
    pollAfterSeconds: 30,
    version: 1000,
  }),
  entered: JSON.stringify({
    status: "ENTERED",
    enteredAt: "2026-01-01T00:00:00.000Z",
    closeAt: "2026-01-01T00:00:00.000Z",
    drawAt: "2026-01-01T00:00:00.000Z",
    winnerCount: 1,
    entrants: 1000,
    weight: 1,
    pollAfterSeconds: 30,
    pollToken: "p".repeat(150),
    receipt: {
      drawId: "draw_bench",
      entry: "e".repeat(70),
      ticket: 1000,
      salt: "5".repeat(32),
      batch: { text: "t".repeat(330), signature: "s".repeat(86), keyId: "k".repeat(43) },
      // Six hashes: the way through a batch of sixty-four.
      path: "h".repeat(256),
    },
  }),
};

const server = createServer((request, response) => {
  const mac = createHmac("sha256", key).update(claims).digest();
  if (!timingSafeEqual(mac, expected)) return void response.writeHead(401).end();
  const send = (): void => {
    const body = request.url === "/guest" ? answers.guest : request.url === "/draw" ? answers.entered : answers.state;
    response.writeHead(200, [
      "Content-Type",
      "application/json",
      "Content-Length",
      String(body.length),
      "Cache-Control",
      "no-store",
      "X-Request-Id",
      "req_00000000000000000000000000",
      "X-Content-Type-Options",
      "nosniff",
      "Referrer-Policy",
      "no-referrer",
      "X-RateLimit-Limit",
      "60",
      "X-RateLimit-Remaining",
      "59",
      "X-RateLimit-Reset",
      "60",
    ]);
    response.end(body);
  };
  if (request.method === "GET") send();
  else readBody(request).then(send, () => response.destroy());
});
server.listen(0, "127.0.0.1", () => process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`));

function readBody(request: IncomingMessage): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("error", reject);
    request.on("end", () => resolve(chunks.length === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString())));
  });
}
