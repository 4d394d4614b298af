import { connect } from "node:net";
import type { CreatedOrganization } from "@fanfare-io/fanfare-contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDevice } from "../testing/device.ts";
import { startTestService } from "../testing/start-test-service.ts";
import type { TestAnswer, TestService } from "../testing/start-test-service.ts";

let service: TestService;
let shop: CreatedOrganization;
beforeAll(async () => {
  service = await startTestService();
  shop = await service.createOrganization();
});
afterAll(() => service.stop());

const portOf = (url: string): number => Number(new URL(url).port);

/** Sends bytes as they are, and answers what came until the service hung up, or the text that closes the last answer. */
function wire(...sent: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(portOf(service.consumerUrl), "127.0.0.1", () => {
      for (const part of sent) socket.write(part);
    });
    let received = "";
    socket.on("data", (chunk: Buffer) => (received += chunk.toString("latin1")));
    socket.on("close", () => resolve(received));
    socket.on("error", reject);
  });
}
const statuses = (received: string): readonly number[] => [...received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]));
const last = "GET /api/healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
const guest = (headers: string, body = ""): string =>
  `POST /api/auth/guest HTTP/1.1\r\nHost: x\r\nX-Publishable-Key: ${shop.publishableKey}\r\n${headers}\r\n${body}`;
const json = "Content-Type: application/json\r\n";

describe("where two servers could read one request as two, or two as one", () => {
  test.each([
    ["two lengths that differ", `${json}Content-Length: 2\r\nContent-Length: 40\r\n`, "{}"],
    ["two lengths in one", `${json}Content-Length: 2, 2\r\n`, "{}"],
    ["a length beside chunks", `${json}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n`, "0\r\n\r\n"],
    ["chunks beside a length", `${json}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n`, "0\r\n\r\n"],
    ["an encoding that hides chunks", `${json}Transfer-Encoding: chunked, identity\r\n`, "0\r\n\r\n"],
    ["an encoding spelled with a control character", `${json}Transfer-Encoding: \x0bchunked\r\n`, "0\r\n\r\n"],
    ["a space before the colon", `${json}Content-Length : 2\r\n`, "{}"],
    ["a folded header", `${json}X-A: b\r\n Content-Length: 2\r\n`, "{}"],
    ["a length that is no number", `${json}Content-Length: +2\r\n`, "{}"],
    ["a chunk whose length is no number", `${json}Transfer-Encoding: chunked\r\n`, "0x2\r\n{}\r\n0\r\n\r\n"],
    ["a line that ends with a line feed alone", `${json}X-A: b\nContent-Length: 2\r\n`, "{}"],
  ])("%s is refused, and what follows on the connection is not answered", async (_what, headers, body) => {
    const received = statuses(await wire(guest(headers, body), last));
    expect(received.length).toBeLessThanOrEqual(1);
    for (const status of received) expect(status).toBe(400);
  });

  test("the body of a request that was refused by its head is no request, whatever it says", async () => {
    const inner = `DELETE /api/consumers/me HTTP/1.1\r\nHost: x\r\n\r\n`;
    const refused = `POST /api/queues/queue_1/enter HTTP/1.1\r\nHost: x\r\n${json}Content-Length: ${inner.length}\r\n\r\n${inner}`;
    expect(statuses(await wire(refused, last))).toEqual([401, 200]);
    const onGet = `GET /api/healthz HTTP/1.1\r\nHost: x\r\nContent-Length: ${inner.length}\r\n\r\n${inner}`;
    expect(statuses(await wire(onGet, last))).toEqual([200, 200]);
  });

  test("requests that come at once are answered in their order", async () => {
    const paths = ["healthz", "nothing", "readyz", "nothing"];
    const sent = paths.map((path) => `GET /api/${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    expect(statuses(await wire(sent.join("") + last))).toEqual([200, 404, 200, 404, 200]);
  });
});

describe("a header that comes twice", () => {
  test("is no key, no proof and no second chance", async () => {
    const twice = `POST /api/auth/guest HTTP/1.1\r\nHost: x\r\nX-Publishable-Key: ${shop.publishableKey}\r\nX-Publishable-Key: ${shop.publishableKey}\r\nConnection: close\r\n\r\n`;
    expect(statuses(await wire(twice))).toEqual([401]);
    const url = `${service.consumerUrl}/auth/guest`;
    const proofs = await Promise.all([1, 2].map(async () => (await (await createTestDevice()).proof("POST", url)).DPoP));
    for (const [one, two] of [proofs, [proofs[0], proofs[0]]] as const)
      expect(statuses(await wire(guest(`DPoP: ${one}\r\nDPoP: ${two}\r\nConnection: close\r\n`)))).toEqual([401]);
  });

  test("opens nothing by its second value, where it says who asks", async () => {
    const made = await service.ask("consumer", "POST", "/auth/guest", { headers: { "X-Publishable-Key": shop.publishableKey } });
    const ask = (first: string, second: string): Promise<string> =>
      wire(
        `GET /api/consumers/me HTTP/1.1\r\nHost: x\r\nX-Publishable-Key: ${shop.publishableKey}\r\nAuthorization: ${first}\r\nAuthorization: ${second}\r\nConnection: close\r\n\r\n`,
      );
    const right = `Bearer ${made.body.accessToken}`;
    expect(statuses(await ask("Bearer nothing", right))).toEqual([401]);
    expect(statuses(await ask(right, "Bearer nothing"))[0]).toBeLessThan(402);
  });
});

describe("the target of a request", () => {
  // A whole address is one of the forms that a server has to take (RFC 9112 §3.2.2); whose it is opens nothing.
  test.each([
    ["//api/consumers/me", 404],
    ["/api//consumers/me", 404],
    ["/api/./consumers/me", 404],
    ["/api/x/../consumers/me", 404],
    ["/api/consumers/me/", 404],
    ["/API/consumers/me", 404],
    ["/api/consumers%2Fme", 404],
    ["/api/queues/%00/status", 401],
    ["/api/queues/%zz/status", 404],
    ["http://x/api/consumers/me", 401],
    ["*", 404],
  ])("%s names nothing else than it says", async (target, status) => {
    expect(statuses(await wire(`GET ${target} HTTP/1.1\r\nHost: x\r\nX-Publishable-Key: ${shop.publishableKey}\r\nConnection: close\r\n\r\n`))).toEqual([
      status,
    ]);
  });
});

describe("JSON that readers disagree about", () => {
  const merchant = (path: string, raw: string): Promise<TestAnswer> =>
    service.ask("consumer", "POST", path, { headers: { Authorization: `Bearer ${shop.secretKey}`, "Content-Type": "application/json" }, raw });
  const authorize = (subject: string, rest = ""): Promise<TestAnswer> =>
    merchant("/auth/external/authorize", `{"provider":"shop","issuer":"https://shop.example","subject":"${subject}"${rest}}`);

  test("halves of a character are refused: written down, all of them would be the same", async () => {
    expect((await authorize("anna")).status).toBe(200);
    for (const half of ["\\ud800", "anna\\udfff", "\\udc00\\ud800"])
      expect(await authorize(half), half).toMatchObject({ status: 400, body: { error: "validation_error" } });
    expect((await authorize("\\ud83c\\udf89")).status).toBe(200);
  });

  test("names of what objects are made of are fields that nobody knows", async () => {
    for (const name of ["__proto__", "constructor", "prototype", "toString"])
      expect((await authorize("anna", `,"${name}":{"isAdmin":true}`)).status, name).toBe(400);
    expect(({} as { readonly isAdmin?: boolean }).isAdmin).toBeUndefined();
  });

  test("numbers beyond what is counted, and depth beyond what is read, are refused and fail nothing", async () => {
    const guests = (raw: string): Promise<TestAnswer> =>
      service.ask("consumer", "POST", "/auth/guest", { headers: { "X-Publishable-Key": shop.publishableKey, "Content-Type": "application/json" }, raw });
    for (const number of ["1e999", "-1e999", "9007199254740993", "1.5", "-0.1", "0"])
      expect((await guests(`{"sessionDuration":${number}}`)).status, number).toBe(400);
    const deep = `${"[".repeat(8_000)}${"]".repeat(8_000)}`;
    expect((await guests(deep)).status).toBe(400);
    expect((await guests(`{"sessionSignals":${deep}}`)).status).toBe(400);
    expect((await guests('\ufeff{"sessionDuration":60}')).status).toBe(400);
  });

  test("nothing of all this was an error of the service", () => {
    expect(service.logged.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  });
});
