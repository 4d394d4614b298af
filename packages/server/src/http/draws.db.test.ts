import type { CreatedOrganization } from "@fanfare-io/fanfare-contract";
import { readClosing, readProof, readResult, verifyEntry, verifyReceipt, verifyTranscript } from "@fanfare-io/fanfare-draw-proof";
import type { Receipt, Transcript } from "@fanfare-io/fanfare-draw-proof";
import { verifyBeacon } from "@fanfare-io/fanfare-draw-proof/beacon";
import { createPublicKey, verify } from "node:crypto";
import type { JsonWebKey } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestService } from "../testing/start-test-service.ts";
import type { TestAnswer, TestService } from "../testing/start-test-service.ts";

let service: TestService;
let shop: CreatedOrganization;
let other: CreatedOrganization;
beforeAll(async () => {
  service = await startTestService();
  shop = await service.createOrganization();
  other = await service.createOrganization();
});
afterAll(() => service.stop());

const operate = (method: string, path: string, json?: unknown, owner = shop) =>
  service.ask("admin", method, path, { headers: { Authorization: `Bearer ${owner.secretKey}` }, ...(json === undefined ? {} : { json }) });
const shopAsks = (path: string, json: unknown) => service.ask("consumer", "POST", path, { headers: { Authorization: `Bearer ${shop.secretKey}` }, json });
const anybody = (path: string, owner = shop) => service.ask("consumer", "GET", path, { headers: { "X-Publishable-Key": owner.publishableKey } });

interface Shopper {
  readonly consumerId: string;
  ask(method: string, path: string, json?: unknown): Promise<TestAnswer>;
  poll(drawId: string, token: string): Promise<TestAnswer>;
}
async function arrive(): Promise<Shopper> {
  const key = { "X-Publishable-Key": shop.publishableKey };
  const { body } = await service.ask("consumer", "POST", "/auth/guest", { headers: key });
  return {
    consumerId: body.session.consumerId,
    ask: (method, path, json) =>
      service.ask("consumer", method, path, { headers: { ...key, Authorization: `Bearer ${body.accessToken}` }, ...(json === undefined ? {} : { json }) }),
    poll: (drawId, token) => service.ask("consumer", "GET", `/draws/${drawId}/status`, { headers: { ...key, Authorization: `Poll ${token}` } }),
  };
}
const arriveMany = (count: number): Promise<Shopper[]> => Promise.all(Array.from({ length: count }, () => arrive()));

const fromNow = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString();
async function makeDraw(name: string, draw: object = {}): Promise<string> {
  const launch = await operate("POST", "/experiences", { id: `exp_${name}`, name: "Launch", sequence: { id: `seq_${name}`, name: "Everyone" } });
  expect(launch.status).toBe(201);
  const made = await operate("POST", "/draws", { id: `draw_${name}`, sequenceId: `seq_${name}`, name: "Draw", drawAt: fromNow(3600), winnerCount: 2, ...draw });
  expect(made).toMatchObject({ status: 201 });
  return `draw_${name}`;
}
const drawNow = (id: string) => operate("POST", `/draws/${id}/draw`, { confirm: id });
const untilState = (id: string, state: string) => expect.poll(async () => (await anybody(`/draws/${id}`)).body.state, { timeout: 15_000 }).toBe(state);

describe("a draw", () => {
  test("goes from its commitment to an order, and everything that it says of itself holds", async () => {
    const id = await makeDraw("walk", { continueSelectingUntilCompleted: true });
    const before = await anybody(`/draws/${id}`);
    expect(before.body).toMatchObject({ state: "open", entrants: 0, root: null, commitment: { hash: expect.stringMatching(/^[0-9a-f]{64}$/) } });
    expect(before.headers.get("access-control-allow-origin")).toBe("*");

    const shoppers = await arriveMany(6);
    const entered = await Promise.all(shoppers.map((shopper) => shopper.ask("POST", `/draws/${id}/enter`)));
    for (const answer of entered)
      expect(answer).toMatchObject({ status: 200, body: { status: "ENTERED", winnerCount: 2, weight: 1, pollToken: expect.any(String) } });
    const [ann] = shoppers as [Shopper];
    // Entering again, and at once with oneself, is the same entry with the same receipt.
    const again = await Promise.all([ann.ask("POST", `/draws/${id}/enter`), ann.ask("POST", `/draws/${id}/enter`)]);
    for (const answer of again) expect(answer.body.receipt).toEqual(entered[0]?.body.receipt);
    expect((await ann.ask("POST", `/experiences/exp_walk/route`)).body).toMatchObject({
      outcome: "routed",
      offers: [{ distribution: { id, type: "draw", state: "active" } }],
    });
    expect((await ann.ask("GET", "/consumers/me")).body.active.participations).toMatchObject([
      { mechanism: "draw", distributionId: id, status: "participating" },
    ]);

    const leaver = shoppers[5] as Shopper;
    expect((await leaver.ask("POST", `/draws/${id}/leave`)).body).toEqual({ status: "LEFT" });
    expect((await leaver.ask("POST", `/draws/${id}/leave`)).body).toEqual({ status: "LEFT" });
    expect((await ann.ask("GET", `/draws/${id}/proof`)).body.error).toBe("draw_not_closed");
    expect((await anybody(`/draws/${id}/transcript`)).body.error).toBe("draw_not_drawn");
    expect((await operate("POST", `/draws/${id}/rehearse`)).body.error).toBe("draw_not_closed");

    expect((await operate("POST", `/draws/${id}/draw`, { confirm: "draw_other" })).body.error).toBe("draw_not_confirmed");
    expect((await drawNow(id)).status).toBe(200);
    await untilState(id, "drawn");
    const told = await anybody(`/draws/${id}`);
    expect(told.body).toMatchObject({ entrants: 5, root: expect.stringMatching(/^[0-9a-f]{64}$/), earlierDrawAts: [before.body.drawAt] });

    const transcript = (await anybody(`/draws/${id}/transcript`)).body as Transcript;
    const verdict = verifyTranscript(transcript);
    expect(verdict.checks.filter(({ holds }) => holds !== true)).toEqual([]);
    expect(transcript.commitments).toHaveLength(2);
    expect(JSON.stringify(transcript)).not.toMatch(new RegExp(shoppers.map(({ consumerId }) => consumerId).join("|")));
    await checkSignatures(transcript);

    const closingText = transcript.closing?.text ?? "";
    const published = {
      closing: readClosing(closingText) ?? expect.fail("closed"),
      closingText,
      result: readResult(transcript.result?.text ?? "") ?? expect.fail("drawn"),
    };
    const outcomes = new Map<string, Shopper[]>();
    for (const [at, shopper] of shoppers.entries()) {
      const receipt = entered[at]?.body.receipt as Receipt;
      expect(verifyReceipt(receipt, shopper.consumerId)).toBe(true);
      expect(verifyReceipt(receipt, shoppers[(at + 1) % 6]?.consumerId ?? "")).toBe(false);
      const proof = readProof((await shopper.ask("GET", `/draws/${id}/proof`)).body) ?? expect.fail("a proof");
      expect(proof.entry.slice(0, 64)).toBe(receipt.entry.slice(0, 64));
      const mine = verifyEntry(proof, published);
      expect(mine).toMatchObject({ included: true, agrees: true });
      outcomes.set(mine.outcome ?? "", [...(outcomes.get(mine.outcome ?? "") ?? []), shopper]);
    }
    expect(Object.fromEntries([...outcomes].map(([outcome, people]) => [outcome, people.length]))).toEqual({ excluded: 1, not_selected: 3, won: 2 });

    const [winner] = outcomes.get("won") as [Shopper];
    await expect.poll(async () => (await winner.ask("GET", `/draws/${id}/status`)).body.status, { timeout: 5_000 }).toBe("WON");
    const [loser] = outcomes.get("not_selected") as [Shopper];
    expect((await loser.ask("GET", `/draws/${id}/status`)).body).toMatchObject({ status: "NOT_SELECTED", reserve: { ahead: expect.any(Number) } });
    expect((await leaver.ask("GET", `/draws/${id}/status`)).body).toEqual({ status: "LEFT" });
    expect((await loser.ask("POST", `/draws/${id}/leave`)).body.error).toBe("draw_closed");
    expect((await (await arrive()).ask("POST", `/draws/${id}/enter`)).body).toMatchObject({ status: "DENIED", denyReason: "DRAW_CLOSED" });

    const presented = await winner.ask("POST", "/grants/presentation", { distributionId: id });
    const held = await shopAsks("/grants/validate", { token: presented.body.token });
    expect(held).toMatchObject({ status: 200, body: { distributionId: id, mechanism: "draw", experienceId: "exp_walk" } });
    expect((await shopAsks("/grants/complete", { redemptionId: held.body.redemptionId, orderId: "o1" })).status).toBe(200);
    expect((await winner.ask("GET", `/draws/${id}/status`)).body.status).toBe("COMPLETED");
    expect((await winner.ask("POST", `/draws/${id}/enter`)).body.status).toBe("COMPLETED");
    const wins = await operate("GET", `/draws/${id}/wins`);
    expect(wins.body.data.map((win: { status: string }) => win.status).toSorted()).toEqual(["active", "completed"]);

    const rehearsed = await operate("POST", `/draws/${id}/rehearse`, { seed: "ab".repeat(32) });
    expect(rehearsed.body).toMatchObject({ entries: 6, eligible: 5, weights: [{ weight: 1, eligible: 5, winners: 2 }] });
    expect((await operate("POST", `/draws/${id}/rehearse`, { seed: "ab".repeat(32) })).body).toEqual(rehearsed.body);
    expect((await drawNow(id)).body.error).toBe("draw_already_drawn");
    expect((await operate("POST", `/draws/${id}/cancel`, { confirm: id })).body.error).toBe("draw_already_drawn");
  });

  test("gives an unclaimed win to the next in rank, and never more than it promised", async () => {
    const id = await makeDraw("claim", { continueSelectingUntilCompleted: true, winnerCount: 1, admissionExpirationSeconds: 600 });
    const shoppers = await arriveMany(3);
    await Promise.all(shoppers.map((shopper) => shopper.ask("POST", `/draws/${id}/enter`)));
    await drawNow(id);
    const wins = async () => (await operate("GET", `/draws/${id}/wins`)).body.data as { ticket: number; status: string }[];
    await expect.poll(async () => (await wins()).length, { timeout: 15_000 }).toBe(1);
    // Nobody here waits ten minutes: the grant has run out because its row says so.
    await service.db.run("update admission_grant set expires_at = now() - interval '1 second' where distribution_id = $1 and organization_id = $2", [
      id,
      shop.organization.id,
    ]);
    await expect.poll(async () => (await wins()).map((win) => win.status).toSorted(), { timeout: 10_000 }).toEqual(["active", "expired"]);
    const first = shoppers.map((shopper) => shopper.ask("GET", `/draws/${id}/status`));
    const statuses = (await Promise.all(first)).map(({ body }) => body.status as string);
    expect(statuses.toSorted()).toEqual(["EXPIRED", "NOT_SELECTED", "WON"]);
    const transcript = (await anybody(`/draws/${id}/transcript`)).body as Transcript;
    expect(readResult(transcript.result?.text ?? "")?.winners).toEqual([(await wins())[0]?.ticket]);
  });

  test("that is called off says so, and is not drawn", async () => {
    const id = await makeDraw("off");
    const ann = await arrive();
    await ann.ask("POST", `/draws/${id}/enter`);
    expect((await operate("POST", `/draws/${id}/cancel`, { confirm: "no" })).body.error).toBe("draw_not_confirmed");
    expect((await operate("POST", `/draws/${id}/cancel`, { confirm: id, message: "The shoes are lost." })).body.state).toBe("cancelled");
    expect((await ann.ask("GET", `/draws/${id}/status`)).body).toMatchObject({ status: "CANCELLED", message: "The shoes are lost." });
    expect((await (await arrive()).ask("POST", `/draws/${id}/enter`)).body).toMatchObject({ status: "DENIED", denyReason: "DRAW_CANCELLED" });
    expect((await drawNow(id)).body.error).toBe("draw_cancelled");
  });

  test("keeps whom the operator takes out in its list, with the reason's class, and draws without them", async () => {
    const id = await makeDraw("taken", { winnerCount: 5 });
    const [ann, bot] = (await arriveMany(2)) as [Shopper, Shopper];
    for (const shopper of [ann, bot]) await shopper.ask("POST", `/draws/${id}/enter`);
    await operate("POST", `/consumers/${bot.consumerId}/revoke`, { reason: "BOT_DETECTED" });
    await drawNow(id);
    await untilState(id, "drawn");
    const transcript = (await anybody(`/draws/${id}/transcript`)).body as Transcript;
    expect(transcript.entries.map((entry) => entry.slice(-2))).toEqual(["00", "03"]);
    expect(readResult(transcript.result?.text ?? "")?.winners).toEqual([1]);
    expect(verifyTranscript(transcript).holds).toBe(true);
  });

  test("keeps its rules once entries are open, and moves its times in public only", async () => {
    const id = await makeDraw("rules");
    for (const change of [
      { winnerCount: 3 },
      { weighting: { rule: "luck_balancing", maxWeight: 2 } },
      { openAt: fromNow(10) },
      { continueSelectingUntilCompleted: true },
    ]) {
      expect((await operate("PUT", `/draws/${id}`, change)).body.error).toBe("draw_committed");
    }
    const { drawAt } = (await anybody(`/draws/${id}`)).body;
    expect((await operate("PUT", `/draws/${id}`, { drawAt: fromNow(7200), name: "Later" })).body).toMatchObject({ name: "Later", winnerCount: 2 });
    await expect.poll(async () => (await anybody(`/draws/${id}`)).body.earlierDrawAts, { timeout: 3_000 }).toEqual([drawAt]);
    await drawNow(id);
    await untilState(id, "drawn");
    const transcript = (await anybody(`/draws/${id}/transcript`)).body as Transcript;
    expect(transcript.commitments).toHaveLength(3);
    expect(verifyTranscript(transcript).holds).toBe(true);
  });

  test("that opens later takes nobody before, and may be changed until then", async () => {
    const id = await makeDraw("later", { openAt: fromNow(600) });
    const early = await (await arrive()).ask("POST", `/draws/${id}/enter`);
    expect(early).toMatchObject({ status: 423, body: { error: "draw_not_open" } });
    expect(Number(early.headers.get("retry-after"))).toBeGreaterThan(500);
    expect((await operate("PUT", `/draws/${id}`, { winnerCount: 9, openAt: null })).body).toMatchObject({ winnerCount: 9, state: "open" });
    await expect.poll(async () => (await anybody(`/draws/${id}`)).body.state, { timeout: 3_000 }).toBe("open");
  });

  test("takes as many entries as it may hold, and a place that was given up again", async () => {
    const id = await makeDraw("full", { capacity: 2 });
    const shoppers = await arriveMany(4);
    const answers = await Promise.all(shoppers.map((shopper) => shopper.ask("POST", `/draws/${id}/enter`)));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 200, 429, 429]);
    const inside = shoppers[answers.findIndex(({ status }) => status === 200)] as Shopper;
    const outside = shoppers[answers.findIndex(({ status }) => status === 429)] as Shopper;
    await inside.ask("POST", `/draws/${id}/leave`);
    expect((await outside.ask("POST", `/draws/${id}/enter`)).body.status).toBe("ENTERED");
    expect((await inside.ask("POST", `/draws/${id}/enter`)).body.error).toBe("draw_full");
  });

  test("is made with its launch in one call, commitment and all, or nothing is made", async () => {
    const draw = { name: "Bowls", drawAt: fromNow(3600), winnerCount: 2 };
    const launchOf = (id: string, draws: readonly object[]) => ({
      id,
      name: "L",
      sequence: { id: `seq_${id}`, name: "All", queues: [{ name: "Line", admitRate: 60 }], draws },
    });
    const made = await operate("POST", "/experiences", launchOf("exp_whole", [draw, { ...draw, id: "draw_whole", openAt: fromNow(600) }]));
    expect(made).toMatchObject({
      status: 201,
      body: { sequences: [{ queues: [{ name: "Line" }], draws: [{ state: "open" }, { id: "draw_whole", state: "upcoming" }] }] },
    });
    expect((await operate("GET", "/experiences/exp_whole")).body.sequences[0].draws).toHaveLength(2);
    expect((await anybody("/draws/draw_whole")).body.commitment.hash).toMatch(/^[0-9a-f]{64}$/);
    expect((await (await arrive()).ask("POST", "/experiences/exp_whole/route")).body.outcome).toBe("routed");

    const late = await operate("POST", "/experiences", launchOf("exp_half", [draw, { ...draw, closeAt: fromNow(-10) }]));
    expect(late).toMatchObject({ status: 400, body: { issues: [{ path: ["sequence", "draws", 1, "closeAt"] }] } });
    expect((await operate("POST", "/experiences", launchOf("exp_half", [{ ...draw, id: "draw_whole" }]))).body.error).toBe("already_exists");
    expect((await operate("GET", "/experiences/exp_half")).status).toBe(404);
    expect((await operate("POST", "/experiences", launchOf("exp_half", [{ ...draw, sequenceId: "seq_exp_whole" }]))).status).toBe(400);
  });

  test("balances luck: who was not selected before counts more, up to the limit", async () => {
    const shoppers = await arriveMany(4);
    for (const name of ["luck1", "luck2", "luck3"]) {
      const id = await makeDraw(name, { winnerCount: 1, weighting: { rule: "luck_balancing", maxWeight: 3 } });
      const entered = await Promise.all(shoppers.map((shopper) => shopper.ask("POST", `/draws/${id}/enter`)));
      const weights = entered.map(({ body }) => body.weight as number);
      if (name === "luck1") expect(weights).toEqual([1, 1, 1, 1]);
      if (name === "luck2") expect(weights.toSorted((a, b) => a - b)).toEqual([1, 2, 2, 2]);
      if (name === "luck3") expect(Math.max(...weights)).toBe(3);
      await drawNow(id);
      await expect.poll(async () => (await operate("GET", `/draws/${id}/wins`)).body.data.length, { timeout: 15_000 }).toBe(1);
      expect(verifyTranscript((await anybody(`/draws/${id}/transcript`)).body).holds).toBe(true);
    }
  });

  test("under a beacon waits for the promised round, and takes no other signature", async () => {
    const chainHash = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971";
    const round = Math.ceil((Date.now() / 1000 + 7200 - 1_692_803_367) / 3) + 1;
    const at = new Date((1_692_803_367 + 3 * (round - 1)) * 1000).toISOString();
    expect(
      (await operate("POST", "/draws", { sequenceId: "seq_walk", name: "D", drawAt: fromNow(7300), winnerCount: 1, beacon: { chainHash, round, at } })).body
        .issues,
    ).toMatchObject([{ path: ["beacon"] }]);
    const id = await makeDraw("beacon", { beacon: { chainHash, round, at } });
    const ann = await arrive();
    await ann.ask("POST", `/draws/${id}/enter`);
    const signature = "b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be41076862b98fad56e91a6b85b89cd97b";
    expect((await operate("POST", `/draws/${id}/beacon`, { signature })).body.error).toBe("invalid_beacon_signature");
    // Drawing at once cannot be: the list closes now, and a round after it is promised instead.
    const moved = await drawNow(id);
    expect(Date.parse(moved.body.beacon.at)).toBeGreaterThan(Date.parse(moved.body.drawAt));
    await expect.poll(async () => (await anybody(`/draws/${id}`)).body.root, { timeout: 10_000 }).not.toBeNull();
    expect((await ann.ask("GET", `/draws/${id}/status`)).body).toMatchObject({ status: "SETTLING" });
    expect((await operate("PUT", `/draws/${id}`, { beacon: null })).body.error).toBe("draw_committed");
    const transcript = (await anybody(`/draws/${id}/transcript`)).body as Transcript;
    expect(transcript.result).toBeNull();
    expect(verifyTranscript(transcript, { verifyBeacon }).holds).toBe(false);
  });

  test("belongs to its organization: another's keys find nothing of it", async () => {
    const id = await makeDraw("mine");
    expect((await anybody(`/draws/${id}`, other)).status).toBe(404);
    expect((await anybody(`/draws/${id}/transcript`, other)).status).toBe(404);
    for (const [method, path, body] of [
      ["GET", "", undefined],
      ["PUT", "", { name: "x" }],
      ["DELETE", "", undefined],
      ["POST", "/draw", { confirm: id }],
      ["POST", "/cancel", { confirm: id }],
      ["POST", "/beacon", { signature: "00".repeat(48) }],
      ["POST", "/rehearse", {}],
      ["GET", "/wins", undefined],
    ] as const) {
      expect((await operate(method, `/draws/${id}${path}`, body, other)).status).toBe(404);
    }
    expect((await operate("GET", "/draws", undefined, other)).body.data).toEqual([]);
    const mine = await operate("GET", "/draws?first=3");
    expect(mine.body.data).toHaveLength(3);
    expect(mine.body.data[0].id).toBe(id);
    const next = await operate("GET", `/draws?first=3&after=${encodeURIComponent(mine.body.pageInfo.endCursor)}`);
    expect(next.body.data.map((draw: { id: string }) => draw.id)).not.toContain(id);
    expect((await operate("DELETE", `/draws/${id}`)).body).toMatchObject({ archived: true, state: "cancelled" });
  });
});

async function checkSignatures(transcript: Transcript): Promise<void> {
  const { keys } = (await anybody("/.well-known/jwks.json")).body as { keys: (JsonWebKey & { kid: string })[] };
  for (const statement of [...transcript.commitments, transcript.closing, transcript.result]) {
    const jwk = keys.find(({ kid }) => kid === statement?.keyId);
    if (jwk === undefined || statement === null) throw new Error("A statement by an unknown key.");
    expect(verify(null, Buffer.from(statement.text), createPublicKey({ key: jwk, format: "jwk" }), Buffer.from(statement.signature, "base64url"))).toBe(true);
  }
}
