import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TokenResponse } from "@fanfare-io/fanfare-contract";
import { ApiRefusal, call, createLaunch, startService } from "@fanfare-io/fanfare-testing";
import type { RunningService, TestLaunch } from "@fanfare-io/fanfare-testing";
import pg from "pg";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createOwnDatabase } from "./database.ts";
import type { OwnDatabase } from "./database.ts";
import { createDevice } from "./device.ts";
import type { Device } from "./device.ts";
import { startMailServer } from "./mail-server.ts";
import type { MailServer } from "./mail-server.ts";

const patiently = { timeout: 60_000 };
/** Mails that one node has under way at once (`smtpConnections` of its sender). */
const underWay = 8;

let dataDir: string;
let database: OwnDatabase;
let rows: pg.Client;
let post: MailServer;
let service: RunningService;
let launch: TestLaunch;

const start = (): Promise<RunningService> =>
  startService({
    dataDir,
    databaseUrl: database.url,
    env: { SMTP_URL: `smtp://127.0.0.1:${post.port}`, MAIL_FROM: "codes@shop.example" },
    ...(service === undefined ? {} : { ports: service.ports }),
  });

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "fanfare-killed-delivery-"));
  [database, post] = await Promise.all([createOwnDatabase(), startMailServer()]);
  rows = new pg.Client({ connectionString: database.url });
  await rows.connect();
  service = await start();
  launch = await createLaunch(service.adminUrl, service.operatorKey, { admitRate: 60 });
});
afterEach(() => post.release());
afterAll(async () => {
  await service.stop();
  await Promise.all([post.close(), rows.end()]);
  await database.drop();
  await rm(dataDir, { recursive: true, force: true });
});

interface Person {
  readonly email: string;
  readonly device: Device;
}
const people = (name: string, count: number): readonly Person[] =>
  Array.from({ length: count }, (_, number) => ({ email: `${name}-${number}@shop.example`, device: createDevice() }));
const ask = <Body>({ device }: Person, path: string, body: unknown): Promise<Body> => {
  const url = `${service.consumerUrl}${path}`;
  return call<Body>("POST", url, { "x-publishable-key": launch.publishableKey, ...device.proof("POST", url) }, body);
};
const request = (person: Person): Promise<unknown> => ask(person, "/auth/otp/request", { email: person.email });
const verify = (person: Person, code: string): Promise<TokenResponse> => ask(person, "/auth/otp/verify", { email: person.email, code });

const mailsTo = ({ email }: Person) => post.mails.filter(({ to }) => to === email);
const codesOf = (person: Person): readonly string[] => [...new Set(mailsTo(person).map(({ code }) => code))];
const inOutbox = async (): Promise<number> => (await rows.query("select 1 from outbox_message where dead_reason is null")).rows.length;
/** As if the time had passed after which another node takes over from one that is gone. */
const endLeases = (): Promise<unknown> => rows.query("update outbox_message set due_at = now() - interval '1 second'");
/** As if the half minute had passed in which asking again sends nothing. */
const waitToAskAgain = (): Promise<unknown> => rows.query("update otp_challenge set issued_at = issued_at - interval '31 seconds'");

/** Kills the node when so many mails have come in whole whose taking it has not been told of. */
async function killAfter(mails: number): Promise<void> {
  await expect.poll(() => post.mails.length, patiently).toBeGreaterThanOrEqual(mails);
  await service.kill();
}

test("a node that is killed after the mail server took a mail, before it could write that down, sends it once more: the same mail, the same code", async () => {
  const everybody = people("once", 12);
  post.hold();
  await Promise.all(everybody.map(request));
  await killAfter(underWay);
  // How many came before differs: those that were put into the outbox after the first look are not under way, unless that took too long.
  const before = new Map(everybody.map((person) => [person, mailsTo(person).length]));
  expect(await inOutbox()).toBe(everybody.length);
  post.release();
  // While no node lives: what one that runs has just taken would be sent twice.
  await endLeases();
  service = await start();
  await expect.poll(inOutbox, patiently).toBe(0);
  for (const person of everybody) {
    const mails = mailsTo(person);
    expect(mails).toHaveLength((before.get(person) ?? 0) + 1);
    expect(new Set(mails.map(({ messageId }) => messageId)).size).toBe(1);
    expect(codesOf(person)).toHaveLength(1);
    expect((await verify(person, codesOf(person)[0] ?? "")).session).toMatchObject({ type: "authenticated", email: person.email });
  }
});

test("whoever asks again while the mail of the killed node goes out a second time has one good code: the newest that was sent", async () => {
  const everybody = people("again", 6);
  const sent = post.mails.length;
  post.hold();
  await Promise.all(everybody.map(request));
  await killAfter(sent + everybody.length);
  const killed = post.mails.length;
  await endLeases();
  service = await start();
  await expect.poll(() => post.mails.length, patiently).toBeGreaterThanOrEqual(killed + everybody.length);
  await waitToAskAgain();
  await Promise.all(everybody.map(request));
  await service.kill();
  post.release();
  await endLeases();
  service = await start();
  await expect.poll(inOutbox, patiently).toBe(0);
  for (const person of everybody) {
    const codes = mailsTo(person).map(({ code }) => code);
    const newest = codes.at(-1) ?? "";
    // The first mail came at least twice, the second at least once.
    expect(codes.length).toBeGreaterThanOrEqual(3);
    expect(codesOf(person)).toHaveLength(2);
    const old = await verify(person, codes[0] ?? "").catch((error: unknown) => error);
    expect(old).toBeInstanceOf(ApiRefusal);
    expect(old).toMatchObject({ status: 400, body: { error: "invalid_otp" } });
    expect((await verify(person, newest)).session).toMatchObject({ type: "authenticated", email: person.email });
  }
});
