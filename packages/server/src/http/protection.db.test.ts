import type { ChallengeAnswer, ChallengeEffort, ChallengePurpose, CreatedOrganization, ProtectionLevel } from "@fanfare-io/fanfare-contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { doWork } from "../testing/do-work.ts";
import { createTestDevice } from "../testing/device.ts";
import { littleWork } from "../testing/little-work.ts";
import { startTestService } from "../testing/start-test-service.ts";
import type { TestAnswer, TestService } from "../testing/start-test-service.ts";

/** What is to happen within a second may take longer on a machine that does other things as well. */
const patiently = { timeout: 30_000 };
let service: TestService;
let shop: CreatedOrganization;
beforeAll(async () => {
  service = await startTestService({}, { challengeCosts: littleWork });
  shop = await service.createOrganization();
});
afterAll(() => service.stop());

const admin = (method: string, path: string, json: unknown): Promise<TestAnswer> =>
  service.ask("admin", method, path, { headers: { Authorization: `Bearer ${shop.secretKey}` }, json });

async function launch(protectionLevel: ProtectionLevel) {
  const made = await admin("POST", "/experiences", { name: "Launch", protectionLevel, sequence: { name: "All", queues: [{ name: "Line", admitRate: 0 }] } });
  expect(made.body.protectionLevel).toBe(protectionLevel);
  return { experienceId: made.body.id as string, queueId: made.body.sequences[0].queues[0].id as string };
}

/** Somebody with a session, bound or not, and what they ask with. */
async function arrive(isBound: boolean) {
  const device = isBound ? await createTestDevice() : null;
  const call = async (path: string, json: unknown, headers: Record<string, string>, accessToken?: string): Promise<TestAnswer> =>
    service.ask("consumer", "POST", path, {
      headers: {
        "X-Publishable-Key": shop.publishableKey,
        ...(device === null ? {} : await device.proof("POST", `${service.consumerUrl}${path}`, accessToken === undefined ? {} : { accessToken })),
        ...(accessToken === undefined ? {} : { Authorization: `${isBound ? "DPoP" : "Bearer"} ${accessToken}` }),
        ...headers,
      },
      ...(json === undefined ? {} : { json }),
    });
  const { body } = await call("/auth/guest", undefined, {});
  return {
    consumerId: body.session.consumerId as string,
    ask: (path: string, json?: unknown, headers: Record<string, string> = {}) => call(path, json, headers, body.accessToken),
  };
}

const work = (purpose: ChallengePurpose, effort?: ChallengeEffort): Promise<ChallengeAnswer> => doWork(service, shop.publishableKey, purpose, effort);

const unseen = { "User-Agent": "Mozilla/5.0 HeadlessChrome/140.0" };

describe("an experience", () => {
  test("at standard asks nothing of anybody", async () => {
    const { queueId } = await launch("standard");
    for (const isBound of [true, false]) expect((await (await arrive(isBound)).ask(`/queues/${queueId}/enter`, undefined, unseen)).status).toBe(200);
  });

  test("at enhanced wants a bound session, and work only of whom it suspects, saying why; a place is not asked for twice", async () => {
    const { queueId } = await launch("enhanced");
    const path = `/queues/${queueId}/enter`;
    expect(await (await arrive(false)).ask(path)).toMatchObject({ status: 403, body: { error: "bound_session_required" } });
    expect((await (await arrive(true)).ask(path)).status).toBe(200);
    const suspect = await arrive(true);
    const asked = await suspect.ask(path, undefined, unseen);
    expect(asked).toMatchObject({ status: 403, body: { error: "challenge_required", details: { purpose: "enter", reasons: ["headless"], effort: "raised" } } });
    expect(await suspect.ask(path, { challenge: await work("guest") }, unseen)).toMatchObject({ status: 403, body: { details: { refused: "wrong" } } });
    expect(await suspect.ask(path, { challenge: await work("enter") }, unseen)).toMatchObject({ status: 403, body: { details: { refused: "too_easy" } } });
    const challenge = await work("enter", "raised");
    expect(await suspect.ask(path, { challenge }, unseen)).toMatchObject({ status: 200, body: { status: "QUEUED" } });
    expect((await suspect.ask(path, undefined, unseen)).status).toBe(200);
    expect(await (await arrive(true)).ask(path, { challenge }, unseen)).toMatchObject({ status: 403, body: { details: { refused: "used" } } });
  });

  test("at maximum asks everybody who they are, and for work, and its level is changed while it runs", async () => {
    const { queueId, experienceId } = await launch("maximum");
    const path = `/queues/${queueId}/enter`;
    const shopper = await arrive(true);
    const asked = { error: "authentication_required", details: { requires: "identity" } };
    expect((await shopper.ask(path)).body).toMatchObject(asked);
    await service.db.run("update consumer set type = 'identified' where organization_id = $1 and id = $2", [shop.organization.id, shopper.consumerId]);
    expect(await shopper.ask(path)).toMatchObject({ status: 403, body: { details: { reasons: ["protection_maximum"] } } });
    await admin("PUT", `/experiences/${experienceId}`, { protectionLevel: "standard" });
    await expect.poll(async () => (await shopper.ask(path)).status, patiently).toBe(200);
  });
});
