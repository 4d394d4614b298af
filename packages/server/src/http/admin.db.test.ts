import type { CreatedOrganization } from "@fanfare-io/fanfare-contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestService } from "../testing/start-test-service.ts";
import type { TestAnswer, TestService } from "../testing/start-test-service.ts";

let service: TestService;
let shop: CreatedOrganization;
let other: CreatedOrganization;
beforeAll(async () => {
  service = await startTestService();
  shop = await service.createOrganization({ id: "org_xxx", publishableKey: "pk_live_xxx" });
  other = await service.createOrganization();
});
afterAll(() => service.stop());

type Method = "GET" | "POST" | "PUT" | "DELETE";
const as = (owner: CreatedOrganization) => (method: Method, path: string, json?: unknown) =>
  service.ask("admin", method, path, { headers: { Authorization: `Bearer ${owner.secretKey}` }, ...(json === undefined ? {} : { json }) });
const mine = (method: Method, path: string, json?: unknown) => as(shop)(method, path, json);
const theirs = (method: Method, path: string, json?: unknown) => as(other)(method, path, json);

async function made(path: string, json: unknown): Promise<TestAnswer["body"]> {
  const answer = await mine("POST", path, json);
  expect(answer).toMatchObject({ status: 201 });
  return answer.body;
}

describe("organizations", () => {
  test("are made with the operator's key only, and with the ids and keys that were asked for", async () => {
    expect(shop.organization.id).toBe("org_xxx");
    expect(shop.publishableKey).toBe("pk_live_xxx");
    expect(other.secretKey).toMatch(/^sk_/);
    const refused = await service.ask("admin", "POST", "/organizations", { headers: { Authorization: `Bearer ${shop.secretKey}` }, json: { name: "Mine" } });
    expect(refused).toMatchObject({ status: 401, body: { error: "invalid_operator_key" } });
    const again = { headers: { Authorization: `Bearer ${service.operatorKey}` }, json: { id: "org_xxx", name: "Again" } };
    expect(await service.ask("admin", "POST", "/organizations", again)).toMatchObject({ status: 409, body: { error: "already_exists" } });
  });

  test("change in part, and their keys are listed without being shown", async () => {
    const changed = await mine("PUT", "/organizations/current", { checkoutSeconds: 300 });
    expect(changed.body).toMatchObject({ id: "org_xxx", name: "Test", checkoutSeconds: 300 });
    expect((await mine("GET", "/organizations/current")).body).toEqual(changed.body);
    expect(changed.body).toMatchObject({ language: null, phoneCountries: [], phoneMessagesPerDay: 500, guestsPerMinute: null });
    const writing = { language: "de", phoneCountries: ["DE", "AT"], phoneMessagesPerDay: 20, guestsPerMinute: 6_000 };
    expect((await mine("PUT", "/organizations/current", writing)).body).toEqual({ ...changed.body, ...writing });
    expect((await mine("PUT", "/organizations/current", { phoneCountries: ["Germany"] })).status).toBe(400);
    expect((await mine("PUT", "/organizations/current", { guestsPerMinute: 0 })).status).toBe(400);
    const keys = await mine("GET", "/api-keys");
    expect(keys.body.data).toHaveLength(2);
    expect(JSON.stringify(keys.body)).not.toContain(shop.secretKey);
  });
});

describe("a launch", () => {
  test("is made in one call with its sequence and queues, or not at all", async () => {
    const tree = await made("/experiences", {
      id: "exp_product_launch",
      name: "Launch",
      sequence: { name: "Everyone", queues: [{ id: "queue_one", name: "Line", admitRate: 60, capacity: 2 }] },
    });
    expect(tree.sequences[0]).toMatchObject({ name: "Everyone", hasAccessCode: false, queues: [{ id: "queue_one", capacity: 2, killed: false }] });
    expect((await mine("GET", "/experiences/exp_product_launch")).body).toEqual(tree);
    const taken = { id: "exp_second", name: "Second", sequence: { name: "S", queues: [{ id: "queue_one", name: "Taken", admitRate: 1 }] } };
    expect(await mine("POST", "/experiences", taken)).toMatchObject({ status: 409, body: { error: "already_exists" } });
    expect((await mine("GET", "/experiences/exp_second")).status).toBe(404);
  });

  test("grows, changes in part, hides its access code, and is archived", async () => {
    const experience = await made("/experiences", { name: "Grown" });
    const sequence = await made("/sequences", { experienceId: experience.id, name: "VIP", priority: 5, accessCode: "open-sesame" });
    expect(sequence).toMatchObject({ priority: 5, hasAccessCode: true });
    const queue = await made("/queues", { sequenceId: sequence.id, name: "Line", admitRate: 10 });
    expect(queue).toMatchObject({ experienceId: experience.id, capacity: null, positionDisplayMode: "precise" });
    expect((await mine("PUT", `/queues/${queue.id}`, { admitRate: 99, message: "Soon" })).body).toMatchObject({ admitRate: 99, message: "Soon", name: "Line" });
    expect((await mine("PUT", `/sequences/${sequence.id}`, { accessCode: null })).body).toMatchObject({ hasAccessCode: false, priority: 5 });
    expect((await mine("PUT", `/experiences/${experience.id}`, { name: "Renamed" })).body).toMatchObject({ name: "Renamed" });
    expect((await mine("DELETE", `/queues/${queue.id}`)).body).toMatchObject({ archived: true });
    expect((await mine("DELETE", `/experiences/${experience.id}`)).body).toMatchObject({ archived: true });
    const key = { headers: { "X-Publishable-Key": shop.publishableKey } };
    await expect.poll(async () => (await service.ask("consumer", "GET", `/experiences/${experience.id}`, key)).status).toBe(404);
  });

  test("that belongs nowhere, or closes before it opens, is refused by the field", async () => {
    const nowhere = await mine("POST", "/queues", { sequenceId: "seq_unknown", name: "Line", admitRate: 1 });
    expect(nowhere.status).toBeGreaterThanOrEqual(400);
    expect(nowhere.status).toBeLessThan(500);
    const backwards = { sequenceId: "seq_unknown", name: "L", admitRate: 1, openAt: "2026-11-22T10:00:00Z", closeAt: "2026-11-22T09:00:00Z" };
    expect((await mine("POST", "/queues", backwards)).body.issues[0].path).toEqual(["closeAt"]);
    const { body: made } = await mine("POST", "/experiences", {
      name: "Drop",
      sequence: { name: "Everyone", queues: [{ name: "L", admitRate: 1, closeAt: "2027-01-01T00:00:00Z" }] },
    });
    const path = `/queues/${made.sequences[0].queues[0].id}`;
    expect((await mine("PUT", path, { openAt: "2028-01-01T00:00:00Z" })).body.issues[0].path).toEqual(["openAt"]);
    expect(await mine("PUT", path, { openAt: "2026-01-01T00:00:00Z" })).toMatchObject({ status: 200 });
    expect((await mine("PUT", path, { closeAt: "2025-01-01T00:00:00Z" })).body.issues[0].path).toEqual(["closeAt"]);
    expect(await mine("PUT", path, { closeAt: null })).toMatchObject({ status: 200 });
    for (const openAt of ["0000-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59"])
      expect((await mine("POST", "/queues", { sequenceId: "seq_unknown", name: "L", admitRate: 1, openAt })).body.issues[0].path).toEqual(["openAt"]);
  });

  test("lists page by page in both directions, newest first, and a strange cursor is refused", async () => {
    const ids: string[] = [];
    for (const name of ["One", "Two", "Three", "Four"]) ids.unshift((await theirs("POST", "/experiences", { name })).body.id);
    const first = (await theirs("GET", "/experiences?first=3")).body;
    expect(first.data.map((each: { id: string }) => each.id)).toEqual(ids.slice(0, 3));
    const next = (await theirs("GET", `/experiences?first=3&after=${first.pageInfo.endCursor}`)).body;
    expect(next.data.map((each: { id: string }) => each.id)).toEqual(ids.slice(3));
    const back = (await theirs("GET", `/experiences?last=2&before=${next.pageInfo.startCursor}`)).body;
    expect(back.data.map((each: { id: string }) => each.id)).toEqual(ids.slice(1, 3));
    const beyond = ["+275760-09-13T00:00:00.000Z", "-271821-04-20T00:00:00.000Z", "0000-01-01T00:00:00.000Z", "soon"];
    for (const cursor of ["nonsense", ...beyond.map((at) => Buffer.from(JSON.stringify([at, "exp_a"])).toString("base64url"))])
      expect(await theirs("GET", `/experiences?after=${cursor}`)).toMatchObject({ status: 400, body: { error: "validation_error" } });
    expect(await theirs("GET", "/experiences?first=0")).toMatchObject({ status: 400, body: { error: "validation_error" } });
  });
});

describe("another tenant (I7)", () => {
  test("reads, changes, archives and extends nothing of ours, and learns nothing from the refusals", async () => {
    const tree = await made("/experiences", { name: "Private", sequence: { name: "S", queues: [{ name: "Q", admitRate: 1 }] } });
    const [sequence] = tree.sequences;
    const [queue] = sequence.queues;
    const paths = [`/experiences/${tree.id}`, `/sequences/${sequence.id}`, `/queues/${queue.id}`];
    const requests: [Method, string, unknown?][] = [
      ...paths.flatMap((path): [Method, string, unknown?][] => [
        ["GET", path],
        ["PUT", path, { name: "Stolen" }],
        ["DELETE", path],
      ]),
      ["POST", "/sequences", { experienceId: tree.id, name: "Intruder" }],
      ["POST", "/queues", { sequenceId: sequence.id, name: "Intruder", admitRate: 1 }],
    ];
    for (const [method, path, json] of requests) {
      const refused = await theirs(method, path, json);
      const unknown = await theirs(
        method,
        path.replace(/_[^_]+$/, "_unknown"),
        json === undefined ? undefined : JSON.parse(JSON.stringify(json).replaceAll(/(exp|seq)_\w+/g, "$1_unknown")),
      );
      expect(refused.status).toBeGreaterThanOrEqual(400);
      expect([refused.status, refused.body.error]).toEqual([unknown.status, unknown.body.error]);
    }
    const { data: keys } = (await mine("GET", "/api-keys")).body;
    for (const key of keys) expect((await theirs("DELETE", `/api-keys/${key.id}`)).status).toBe(404);
    expect((await mine("GET", `/experiences/${tree.id}`)).body).toEqual(tree);
    const lists = await Promise.all(["/experiences", "/sequences", "/queues", "/api-keys"].map((path) => theirs("GET", path)));
    expect(JSON.stringify(lists.map((list) => list.body))).not.toContain("org_xxx");
  });

  test("may use our ids for its own things", async () => {
    await made("/experiences", { id: "exp_shared_name", name: "Ours" });
    expect(await theirs("POST", "/experiences", { id: "exp_shared_name", name: "Theirs" })).toMatchObject({ status: 201, body: { name: "Theirs" } });
    expect((await mine("GET", "/experiences/exp_shared_name")).body.name).toBe("Ours");
  });
});
