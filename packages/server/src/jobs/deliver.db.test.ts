import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { takeMessages } from "../data/outbox.ts";
import type { TestDatabase } from "../data/testing/open-test-database.ts";
import { openTestDatabase } from "../data/testing/open-test-database.ts";
import type { Outgoing, Sender } from "../delivery/message.ts";
import { createSmsWebhookSender } from "../delivery/sms-webhook.ts";
import { createSmtpSender } from "../delivery/smtp.ts";
import { createTwilioSender } from "../delivery/twilio.ts";
import type { MailSettings } from "../platform/delivery-settings.ts";
import { createOutboxWorld } from "../testing/outbox-world.ts";
import type { OutboxWorld } from "../testing/outbox-world.ts";
import { createSmtpSink } from "../testing/smtp-sink.ts";

let database: TestDatabase;
let world: OutboxWorld;
let organizations = 0;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.db.run("delete from outbox_message", []);
  world = createOutboxWorld(database.db, `org_${++organizations}`);
});

const mailOver = (port: number, tls: MailSettings["tls"] = "opportunistic"): Sender =>
  createSmtpSender({ host: "127.0.0.1", port, user: null, password: null, tls, from: "codes@shop.example" });

/** A way out that a test looks through. */
function recording(send: (message: Outgoing) => Promise<void> = async () => undefined) {
  const sent: Outgoing[] = [];
  const sender: Sender = {
    send: async (message) => {
      sent.push(message);
      await send(message);
    },
    close: () => undefined,
  };
  return { sent, sender };
}

/** A provider of text messages; `answer` says the status. */
async function startProvider(answer: () => number) {
  const requests: { readonly path: string; readonly headers: NodeJS.Dict<string | string[]>; readonly body: string }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => void chunks.push(chunk));
    request.on("end", () => {
      requests.push({ path: request.url ?? "", headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(answer(), { Location: "http://127.0.0.1:9/elsewhere" }).end();
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { requests, url, stop: () => new Promise<void>((resolve) => (server.closeAllConnections(), void server.close(() => resolve()))) };
}

describe("mail", () => {
  test("goes over SMTP with the organization's name, as text and as a page, under an id that stays", async () => {
    const sink = await createSmtpSink();
    await sink.start();
    const node = world.node({ email: mailOver(sink.port) });
    try {
      const id = await world.put({ to: "ann@example.com", organizationName: "Töpferei <Nord>\r\nBcc: all@example.com", code: "007123", language: "de" });
      await node.round();
      expect(await world.waiting()).toEqual([]);
      expect(world.done).toEqual([{ channel: "email", outcome: "delivered" }]);
      const [mail] = sink.mails;
      expect(mail).toMatchObject({ to: "ann@example.com", messageId: `${id}@shop.example` });
      expect(mail?.raw).toMatch(/^From: =\?UTF-8\?[^<]{1,200}<codes@shop\.example>/m);
      expect(mail?.raw).not.toMatch(/^Bcc:/m);
      expect(mail?.raw).toMatch(/Content-Type: text\/plain[\s\S]*007123[\s\S]*Content-Type: text\/html[\s\S]*007123/);
      expect(sink.mails).toHaveLength(1);
    } finally {
      node.close();
      await sink.kill();
    }
  });

  test("that finds the server gone is tried again, further and further apart, with the code that it had", async () => {
    const sink = await createSmtpSink();
    await sink.start();
    const node = world.node({ email: mailOver(sink.port) });
    try {
      const ids = [await world.put({ to: "ann@example.com", code: "111111" }), await world.put({ to: "bea@example.com", code: "222222" })];
      await sink.kill();
      await node.round();
      for (const pauseMs of [1_000, 2_000, 4_000]) {
        world.now += pauseMs - 1;
        node.wake();
        const before = world.done.length;
        await node.round();
        expect(world.done).toHaveLength(before);
        world.now += 1;
        node.wake();
        if (pauseMs === 4_000) await sink.start();
        await node.round();
        expect(world.done).toHaveLength(before + 2);
      }
      expect(await world.waiting()).toEqual([]);
      expect(new Set(sink.mails.map(({ messageId }) => messageId.split("@")[0]))).toEqual(new Set(ids));
      expect(sink.mails).toHaveLength(2);
      expect(sink.mails.find(({ to }) => to === "ann@example.com")?.raw).toContain("111111");
      expect(world.logged.join("")).not.toMatch(/@example|111111|222222/);
    } finally {
      node.close();
      await sink.kill();
    }
  });

  test("to somebody whom the server does not know is given up at once; what is left says why, and neither to whom nor what", async () => {
    const sink = await createSmtpSink({ refuses: (to) => to.startsWith("nobody") });
    await sink.start();
    const node = world.node({ email: mailOver(sink.port) });
    try {
      const id = await world.put({ to: "nobody@example.com" });
      await node.round();
      expect(await database.db.run("select id, dead_reason, sealed from outbox_message", [])).toEqual([{ id, dead_reason: "smtp_550", sealed: null }]);
      expect(world.done).toEqual([{ channel: "email", outcome: "dead" }]);
      expect(world.logged.join("")).toContain("smtp_550");
      expect(world.logged.join("")).not.toContain("example.com");
    } finally {
      node.close();
      await sink.kill();
    }
  });

  test("never goes in the clear where encryption is demanded", async () => {
    const sink = await createSmtpSink();
    await sink.start();
    const node = world.node({ email: mailOver(sink.port, "starttls") });
    try {
      await world.put({ to: "ann@example.com" });
      await node.round();
      expect(sink.mails).toEqual([]);
      expect(world.done).toEqual([{ channel: "email", outcome: "failed" }]);
    } finally {
      node.close();
      await sink.kill();
    }
  });
});

describe("the outbox", () => {
  test("hands each message to one of the nodes that ask at once", async () => {
    const ids = await Promise.all(Array.from({ length: 150 }, (_, at) => world.put({ to: `person${at}@example.com` })));
    const { sent, sender } = recording(() => new Promise((resolve) => setImmediate(resolve)));
    await Promise.all(Array.from({ length: 4 }, () => world.node({ email: sender }).round()));
    expect(sent).toHaveLength(150);
    expect(new Set(sent.map(({ id }) => id))).toEqual(new Set(ids));
    expect(await world.waiting()).toEqual([]);
    expect(world.faults).toEqual([]);
  });

  test("hands on what a node had taken when it died, not before its lease ends, and the dead come too late to change anything", async () => {
    const id = await world.put({ to: "ann@example.com", code: "424242" });
    let let_go = (): void => undefined;
    const frozen = recording(() => new Promise((resolve) => (let_go = resolve)));
    const lost = world.node({ email: frozen.sender }).round();
    await expect.poll(() => frozen.sent.length).toBe(1);
    const { sent, sender } = recording(async () => Promise.reject(new Error("Not now.")));
    const heir = world.node({ email: sender });
    world.now += 44_999;
    await heir.round();
    expect(sent).toEqual([]);
    world.now += 1;
    heir.wake();
    await heir.round();
    expect(sent).toMatchObject([{ id, code: "424242" }]);
    // It says that it has delivered; the message is another's by now, and is tried again rather than lost.
    let_go();
    await lost;
    expect(await world.waiting()).toEqual([id]);
  });

  test("does not begin what it could not finish within its lease", async () => {
    for (let at = 0; at < 32; at++) await world.put({ to: `person${at}@example.com` });
    const { sent, sender } = recording(async () => void (world.now += 2_000));
    await world.node({ email: sender }).round();
    const takenOnce = new Set(sent.map(({ id }) => id));
    expect(sent.length).toBe(takenOnce.size);
    expect(sent.length).toBeLessThan(32);
    expect(await world.waiting()).toHaveLength(32 - takenOnce.size);
  });

  test("gives up what is too old, what nobody can read, and what has no way out", async () => {
    await world.put({ to: "+4915123456789" }, "phone");
    const { sent, sender } = recording();
    await world.node({ email: sender }).round();
    await world.put({ to: "ann@example.com" });
    await database.db.run("update outbox_message set sealed = 'x' where dead_reason is null", []);
    await world.node({ email: sender }).round();
    await world.put({ to: "bea@example.com" });
    world.now += 600_000;
    await world.node({ email: sender }).round();
    expect(sent).toEqual([]);
    const rows = await database.db.run<{ dead_reason: string }>("select dead_reason from outbox_message order by dead_reason", []);
    expect(rows.map(({ dead_reason }) => dead_reason)).toEqual(["expired", "not_configured", "unreadable"]);
  });

  test("is asked again after a fault of the database, which loses nothing", async () => {
    const id = await world.put({ to: "ann@example.com" });
    await takeMessages(database.db, world.now, world.now + 45_000, 10);
    expect(await world.waiting()).toEqual([id]);
    world.now += 45_000;
    const { sent, sender } = recording();
    await world.node({ email: sender }).round();
    expect(sent).toHaveLength(1);
  });
});

describe("a text message", () => {
  const secret = "a-secret-of-the-operator";

  test("goes to an endpoint of the operator's, signed, and again after a fault with the same id", async () => {
    const statuses = [503, 302, 202];
    const provider = await startProvider(() => statuses.shift() ?? 500);
    try {
      const deps = { fetch: globalThis.fetch, now: () => world.now };
      const node = world.node({ phone: createSmsWebhookSender({ kind: "webhook", url: `${provider.url}/send`, secret }, deps) });
      const id = await world.put({ to: "+4915123456789", code: "314159", host: "shop.example" }, "phone");
      for (let attempt = 0; attempt < 3; attempt++) {
        node.wake();
        await node.round();
        world.now += 10_000;
      }
      expect(await world.waiting()).toEqual([]);
      expect(provider.requests).toHaveLength(3);
      for (const { path, headers, body } of provider.requests) {
        expect(path).toBe("/send");
        expect(JSON.parse(body)).toMatchObject({
          id,
          to: "+4915123456789",
          text: expect.stringMatching(/^314159 is your code for Kiln Row[\s\S]*\n\n@shop.example #314159$/),
        });
        const [, seconds = "", signature = ""] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers["fanfare-signature"])) ?? [];
        expect(createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex")).toBe(signature);
        expect(headers["idempotency-key"]).toBe(id);
      }
    } finally {
      await provider.stop();
    }
  });

  test("goes to a provider with Twilio's API, and is given up where it says that the number is none", async () => {
    const statuses = [201, 400];
    const provider = await startProvider(() => statuses.shift() ?? 500);
    try {
      const settings = { kind: "twilio", url: provider.url, accountSid: "AC123", authToken: "token", from: "+15550001111" } as const;
      const node = world.node({ phone: createTwilioSender(settings, globalThis.fetch) });
      await world.put({ to: "+4915123456789" }, "phone");
      await node.round();
      const [request] = provider.requests;
      expect(request?.path).toBe("/2010-04-01/Accounts/AC123/Messages.json");
      expect(request?.headers["authorization"]).toBe(`Basic ${Buffer.from("AC123:token").toString("base64")}`);
      expect(Object.fromEntries(new URLSearchParams(request?.body))).toMatchObject({
        To: "+4915123456789",
        From: "+15550001111",
        Body: expect.stringContaining("123456"),
      });
      await world.put({ to: "+4915123456780" }, "phone");
      node.wake();
      await node.round();
      expect(world.done.map(({ outcome }) => outcome)).toEqual(["delivered", "dead"]);
    } finally {
      await provider.stop();
    }
  });
});
