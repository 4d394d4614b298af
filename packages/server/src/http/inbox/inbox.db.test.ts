import { get } from "node:http";
import type { CreatedOrganization } from "@fanfare-io/fanfare-contract";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { inboxOf, visit } from "../../testing/otp-world.ts";
import { startTestService } from "../../testing/start-test-service.ts";
import type { TestService } from "../../testing/start-test-service.ts";

let service: TestService;
let shop: CreatedOrganization;
let id = "";
let code = "";
beforeAll(async () => {
  service = await startTestService();
  shop = await service.createOrganization({ name: "<script>alert(1)</script>" });
  await (await visit(service, shop)).ask("POST", "/auth/otp/request", { email: "ann@example.com" });
  const findMessage = async (): Promise<void> => {
    const [message] = await inboxOf(service, shop, "ann@example.com");
    if (message === undefined) throw new Error("The message has not come yet.");
    ({ id, code } = message);
  };
  await vi.waitFor(findMessage, { timeout: 15_000, interval: 100 });
});
afterAll(() => service.stop());

interface Page {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly text: string;
}

/** As a browser asks that was led here by this name. */
function open(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Page> {
  const url = new URL(path, service.adminUrl);
  return new Promise((resolve, reject) => {
    const asking = get({ host: "127.0.0.1", port: url.port, path, headers: { Host: `localhost:${url.port}`, ...headers } }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => void chunks.push(chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString() }));
    });
    asking.on("error", reject);
  });
}

describe("the development inbox", () => {
  test("is a page on this machine that shows each code, runs nothing but itself, and lets no other page read or frame it", async () => {
    const page = await open("/inbox");
    expect(page.status).toBe(200);
    expect(page.headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(page.headers["access-control-allow-origin"]).toBeUndefined();
    expect(page.headers["cache-control"]).toBe("no-store");
    const policy = String(page.headers["content-security-policy"]);
    expect(policy).toMatch(/^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+';/);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain("unsafe");
    expect(page.text).toContain(code);
    expect(page.text).toContain("&lt;script&gt;alert(1)");
    expect(page.text).not.toContain("<script>alert(1)");
  });

  test("shows a mail as it was written, without letting anything in it run", async () => {
    const mail = await open(`/inbox/${id}`);
    expect(mail.status).toBe(200);
    expect(mail.text).toContain(code);
    expect(mail.headers["content-security-policy"]).toContain("default-src 'none'");
    expect(mail.headers["content-security-policy"]).toContain("sandbox");
    expect((await open("/inbox/nothing")).status).toBe(404);
  });

  test.each([
    ["a page elsewhere whose name leads here", { Host: "attacker.example" }],
    ["another site's page", { "Sec-Fetch-Site": "cross-site" }],
    ["another page of this machine", { "Sec-Fetch-Site": "same-site" }],
    ["a proxy, for whomever", { "X-Forwarded-For": "203.0.113.7" }],
  ])("is not there for %s", async (_who, headers) => {
    for (const path of ["/inbox", `/inbox/${id}`]) {
      const refused = await open(path, headers);
      expect(refused.status).toBe(404);
      expect(refused.text).not.toContain(code);
    }
  });

  test("answers an organization its own messages, as JSON and with its secret key alone", async () => {
    const other = await service.createOrganization();
    expect(await inboxOf(service, other, "ann@example.com")).toEqual([]);
    for (const key of ["", shop.publishableKey])
      expect((await service.ask("admin", "GET", "/inbox", { headers: { Authorization: `Bearer ${key}` } })).status).toBe(401);
    expect((await service.ask("consumer", "GET", "/inbox")).status).toBe(404);
  });
});
