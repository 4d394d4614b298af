import type { CreatedOrganization } from "@fanfare-io/fanfare-contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { visit } from "../testing/otp-world.ts";
import { createSmtpSink } from "../testing/smtp-sink.ts";
import type { SmtpSink } from "../testing/smtp-sink.ts";
import { startTestService } from "../testing/start-test-service.ts";
import type { TestService } from "../testing/start-test-service.ts";

/** What is to happen within seconds may take longer on a machine that does other things as well. */
const patiently = { timeout: 50_000, interval: 100 };
const people = 60;
let sink: SmtpSink;
let nodes: TestService[];
let shop: CreatedOrganization;
beforeAll(async () => {
  sink = await createSmtpSink();
  await sink.start();
  const variables = { SMTP_URL: `smtp://127.0.0.1:${sink.port}`, MAIL_FROM: "codes@shop.example" };
  const first = await startTestService(variables);
  // A second node where the database is one that nodes share.
  nodes = process.env["DB"] === "postgres" ? [first, await startTestService(variables, { beside: first })] : [first];
  shop = await first.createOrganization({ name: "Kiln Row" });
});
afterAll(async () => {
  for (const node of nodes.toReversed()) await node.stop();
  await sink.kill();
});

const codesTo = (email: string): readonly string[] => sink.mails.flatMap(({ to, raw }) => (to === email ? (/^(\d{6,12})\r?$/m.exec(raw)?.[1] ?? []) : []));

test("everybody gets their code though the mail server goes away in between, and of all codes that came only the last one opens anything", async () => {
  const visitors = await Promise.all(
    Array.from({ length: people }, async (_, at) => ({
      email: `person${at}@example.com`,
      ...(await visit(nodes[at % nodes.length] as TestService, shop, { guest: false })),
    })),
  );
  const askAll = () => Promise.all(visitors.map(({ ask, email }) => ask("POST", "/auth/otp/request", { email })));
  expect((await askAll()).map(({ status }) => status)).toEqual(visitors.map(() => 202));
  await expect.poll(() => sink.mails.length, patiently).toBeGreaterThan(people / 4);
  await sink.kill();
  // Half a minute later everybody asks once more, and nobody is there to take the mail.
  await nodes[0]?.db.run("update otp_challenge set issued_at = issued_at - interval '31 seconds'", []);
  expect((await askAll()).map(({ status }) => status)).toEqual(visitors.map(() => 202));
  const already = sink.mails.length;
  await sink.start();
  await expect.poll(async () => (await nodes[0]?.db.run("select 1 from outbox_message", []))?.length, patiently).toBe(0);
  expect(sink.mails.length - already).toBeGreaterThanOrEqual(people);
  for (const { ask, email } of visitors) {
    const codes = codesTo(email);
    const last = codes.at(-1) ?? "";
    for (const old of new Set(codes)) if (old !== last) expect((await ask("POST", "/auth/otp/verify", { email, code: old })).body.error).toBe("invalid_otp");
    expect((await ask("POST", "/auth/otp/verify", { email, code: last })).status).toBe(200);
  }
  // The same message may come twice, with the same code.
  const contents = new Map<string, Set<string>>();
  for (const { messageId, to, raw } of sink.mails) {
    const known = contents.get(messageId) ?? new Set();
    contents.set(messageId, known.add(`${to} ${/^(\d{6,12})\r?$/m.exec(raw)?.[1] ?? ""}`));
  }
  for (const each of contents.values()) expect(each.size).toBe(1);
  expect(await nodes[0]?.db.run("select 1 from outbox_message where dead_reason is not null", [])).toEqual([]);
});
