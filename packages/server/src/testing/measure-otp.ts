import { randomUUID } from "node:crypto";
import { Agent, request } from "node:http";
import type { Database } from "../data/database.ts";
import { createSmtpSink } from "./smtp-sink.ts";
import { startTestService } from "./start-test-service.ts";
import type { TestService } from "./start-test-service.ts";
import { compare } from "./telling-apart.ts";
import type { Comparison } from "./telling-apart.ts";

/** What asking and answering say about an address, and how fast codes leave. */
export interface OtpFigures {
  readonly pairs: number;
  readonly asked: Comparison;
  readonly tried: Comparison;
  /** Kinds of answer that were seen for the one group and not for the other, but for what names the single request. */
  readonly differences: readonly string[];
  readonly delivery: DeliveryFigures;
}

/** How messages left over SMTP. */
export interface DeliveryFigures {
  readonly messages: number;
  /** While the mail server was there, before it was killed. */
  readonly perSecond: number;
  readonly killedAfter: number;
  readonly awaySeconds: number;
  /** From its return until the outbox was empty. */
  readonly caughtUpSeconds: number;
  readonly lost: number;
  readonly twice: number;
  readonly differentCodes: number;
}

interface Answered {
  readonly milliseconds: number;
  /** Everything that could tell, without what is new in each answer. */
  readonly kind: string;
}

/** Measures on the database that the environment names (`DB`). */
export async function measureOtp(pairs: number, messages: number): Promise<OtpFigures> {
  const told = await measureTelling(pairs);
  return { pairs, ...told, delivery: await measureDelivery(messages) };
}

async function measureTelling(pairs: number): Promise<Pick<OtpFigures, "asked" | "tried" | "differences">> {
  const service = await startTestService();
  try {
    const shop = await service.createOrganization();
    await introduce(service.db, shop.organization.id, pairs);
    const post = createClient(service, shop.publishableKey);
    const warmUp = Array.from({ length: 500 }, (_, at) => at);
    for (const at of warmUp) await post("/auth/otp/request", { email: `warm${at}@example.com` });
    const asked = await alternate(pairs, (email) => post("/auth/otp/request", { email }));
    const tried = await alternate(pairs, (email) => post("/auth/otp/verify", { email, code: "000000000000" }));
    const kinds = (answers: readonly Answered[]): Set<string> => new Set(answers.map(({ kind }) => kind));
    const differences = [asked, tried].flatMap(({ known, unknown }) => {
      const [ofKnown, ofUnknown] = [kinds(known), kinds(unknown)];
      return [...[...ofKnown].filter((kind) => !ofUnknown.has(kind)), ...[...ofUnknown].filter((kind) => !ofKnown.has(kind))];
    });
    const compared = ({ known, unknown }: typeof asked): Comparison =>
      compare(
        known.map(({ milliseconds }) => milliseconds),
        unknown.map(({ milliseconds }) => milliseconds),
      );
    return { asked: compared(asked), tried: compared(tried), differences };
  } finally {
    await service.stop();
  }
}

/** Makes so many people known by their address, as proving it would have. */
async function introduce(db: Database, organizationId: string, count: number): Promise<void> {
  for (let from = 0; from < count; from += 1_000) {
    const some = Array.from({ length: Math.min(1_000, count - from) }, (_, at) => ({ id: randomUUID(), email: `known${from + at}@example.com` }));
    const columns = [organizationId, some.map(({ id }) => id), some.map(({ email }) => email)];
    await db.run(
      `with people as (select * from unnest($2::uuid[], $3::text[]) as p (id, email)),
            made as (insert into consumer (organization_id, id, type, email, created_at) select $1, id, 'identified', email, now() from people)
       insert into consumer_identity (organization_id, kind, value, consumer_id, proved_at) select $1, 'email', email, id, now() from people`,
      columns,
    );
  }
}

/** Asks about one of each in turn, in an order that is drawn each time, so that whatever the machine does meanwhile meets both alike. */
async function alternate(pairs: number, ask: (email: string) => Promise<Answered>) {
  const [known, unknown]: [Answered[], Answered[]] = [[], []];
  for (let pair = 0; pair < pairs; pair++) {
    const turns = [
      { name: "known", into: known },
      { name: "other", into: unknown },
    ];
    for (const { name, into } of Math.random() < 0.5 ? turns : turns.toReversed()) into.push(await ask(`${name}${pair}@example.com`));
  }
  return { known, unknown };
}

const ownOfEach = new Set(["date", "x-request-id", "dpop-nonce"]);

function createClient(service: TestService, publishableKey: string): (path: string, json: unknown) => Promise<Answered> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const base = new URL(service.consumerUrl);
  return (path, json) =>
    new Promise((resolve, reject) => {
      const body = JSON.stringify(json);
      const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body), "x-publishable-key": publishableKey };
      const begun = performance.now();
      const sent = request({ agent, host: base.hostname, port: base.port, method: "POST", path: `/api${path}`, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => void chunks.push(chunk));
        response.on("end", () => {
          const milliseconds = performance.now() - begun;
          const text = Buffer.concat(chunks)
            .toString()
            .replaceAll(/"(requestId|expiresAt)":"[^"]*"/g, '"$1":"…"');
          const shown = Object.entries(response.headers).filter(([name]) => !ownOfEach.has(name));
          resolve({ milliseconds, kind: `${response.statusCode} ${JSON.stringify(shown)} ${text}` });
        });
      });
      sent.on("error", reject);
      sent.end(body);
    });
}

async function measureDelivery(messages: number): Promise<DeliveryFigures> {
  const sink = await createSmtpSink();
  await sink.start();
  const service = await startTestService({ SMTP_URL: `smtp://127.0.0.1:${sink.port}`, MAIL_FROM: "codes@shop.example" });
  try {
    const shop = await service.createOrganization();
    // Written while nobody can take them, so that what is measured is how fast they leave and not how fast they are asked for.
    await sink.kill();
    const post = createClient(service, shop.publishableKey);
    for (let at = 0; at < messages; at++) await post("/auth/otp/request", { email: `person${at}@example.com` });
    await service.db.run("update outbox_message set due_at = now()", []);
    const begun = performance.now();
    await sink.start();
    await until(() => sink.mails.length >= messages / 2);
    const untilKilled = (performance.now() - begun) / 1000;
    const killedAfter = sink.mails.length;
    await sink.kill();
    const away = performance.now();
    await until(() => performance.now() - away > 3_000);
    await sink.start();
    const back = performance.now();
    await until(async () => (await service.db.run("select 1 from outbox_message limit 1", [])).length === 0);
    const codes = new Map<string, Set<string>>();
    for (const { to, raw } of sink.mails) codes.set(to, (codes.get(to) ?? new Set()).add(/^(\d{6,12})\r?$/m.exec(raw)?.[1] ?? ""));
    return {
      messages,
      perSecond: killedAfter / untilKilled,
      killedAfter,
      awaySeconds: (back - away) / 1000,
      caughtUpSeconds: (performance.now() - back) / 1000,
      lost: messages - codes.size,
      twice: sink.mails.length - codes.size,
      differentCodes: [...codes.values()].filter(({ size }) => size > 1).length,
    };
  } finally {
    await service.stop();
    await sink.kill();
  }
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20));
}
