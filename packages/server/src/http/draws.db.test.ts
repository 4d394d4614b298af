import { readClosing, readProof, readResult, verifyEntry, verifyReceipt, verifyTranscript } from "@fanfare-io/fanfare-draw-proof";
import type { Receipt, Transcript } from "@fanfare-io/fanfare-draw-proof";
import { createPublicKey, verify } from "node:crypto";
import type { JsonWebKey } from "node:crypto";
import { describe, expect, test } from "vitest";
import { useDrawLaunch } from "../testing/draw-launch.ts";
import type { TestShopper } from "../testing/draw-launch.ts";

const launch = useDrawLaunch();

describe("a draw", () => {
  test("goes from its commitment to an order, and everything that it says of itself holds", async () => {
    const id = await launch.makeDraw("walk", { continueSelectingUntilCompleted: true });
    const before = await launch.anybody(`/draws/${id}`);
    expect(before.body).toMatchObject({ state: "open", entrants: 0, root: null, commitment: { hash: expect.stringMatching(/^[0-9a-f]{64}$/) } });
    expect(before.headers.get("access-control-allow-origin")).toBe("*");

    const shoppers = await launch.arriveMany(6);
    const entered = await Promise.all(shoppers.map((shopper) => shopper.ask("POST", `/draws/${id}/enter`)));
    for (const answer of entered)
      expect(answer).toMatchObject({ status: 200, body: { status: "ENTERED", winnerCount: 2, weight: 1, pollToken: expect.any(String) } });
    const [ann] = shoppers as [TestShopper];
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

    const leaver = shoppers[5] as TestShopper;
    expect((await leaver.ask("POST", `/draws/${id}/leave`)).body).toEqual({ status: "LEFT" });
    expect((await leaver.ask("POST", `/draws/${id}/leave`)).body).toEqual({ status: "LEFT" });
    expect((await ann.ask("GET", `/draws/${id}/proof`)).body.error).toBe("draw_not_closed");
    expect((await launch.anybody(`/draws/${id}/transcript`)).body.error).toBe("draw_not_drawn");
    expect((await launch.operate("POST", `/draws/${id}/rehearse`)).body.error).toBe("draw_not_closed");

    expect((await launch.operate("POST", `/draws/${id}/draw`, { confirm: "draw_other" })).body.error).toBe("draw_not_confirmed");
    expect((await launch.drawNow(id)).status).toBe(200);
    await launch.untilState(id, "drawn");
    const told = await launch.anybody(`/draws/${id}`);
    expect(told.body).toMatchObject({ entrants: 5, root: expect.stringMatching(/^[0-9a-f]{64}$/), earlierDrawAts: [before.body.drawAt] });

    const transcript = (await launch.anybody(`/draws/${id}/transcript`)).body as Transcript;
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
    const outcomes = new Map<string, TestShopper[]>();
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

    const [winner] = outcomes.get("won") as [TestShopper];
    await expect.poll(async () => (await winner.ask("GET", `/draws/${id}/status`)).body.status).toBe("WON");
    const [loser] = outcomes.get("not_selected") as [TestShopper];
    expect((await loser.ask("GET", `/draws/${id}/status`)).body).toMatchObject({ status: "NOT_SELECTED", reserve: { ahead: expect.any(Number) } });
    expect((await leaver.ask("GET", `/draws/${id}/status`)).body).toEqual({ status: "LEFT" });
    expect((await loser.ask("POST", `/draws/${id}/leave`)).body.error).toBe("draw_closed");
    expect((await (await launch.arrive()).ask("POST", `/draws/${id}/enter`)).body).toMatchObject({ status: "DENIED", denyReason: "DRAW_CLOSED" });

    const presented = await winner.ask("POST", "/grants/presentation", { distributionId: id });
    const other = await launch.makeDraw("elsewhere", {});
    const { token } = presented.body;
    expect((await launch.shopAsks(`/draws/${other}/validate`, { token })).body.error).toBe("invalid_grant_token");
    expect((await launch.shopAsks("/draws/draw_of_nobody/validate", { token })).body.error).toBe("not_found");
    const held = await launch.shopAsks(`/draws/${id}/validate`, { token });
    expect(held).toMatchObject({ status: 200, body: { distributionId: id, mechanism: "draw", experienceId: "exp_walk" } });
    const sale = { redemptionId: held.body.redemptionId, orderId: "o1" };
    expect((await launch.shopAsks(`/draws/${other}/complete`, sale)).body.error).toBe("grant_not_held");
    const receipt = await launch.shopAsks(`/draws/${id}/complete`, sale);
    expect(receipt).toMatchObject({ status: 200, body: { orderId: "o1", distributionId: id } });
    expect((await launch.shopAsks("/grants/complete", sale)).body).toEqual(receipt.body);
    expect((await winner.ask("GET", `/draws/${id}/status`)).body.status).toBe("COMPLETED");
    expect((await winner.ask("POST", `/draws/${id}/enter`)).body.status).toBe("COMPLETED");
    const wins = await launch.operate("GET", `/draws/${id}/wins`);
    expect(wins.body.data.map((win: { status: string }) => win.status).toSorted()).toEqual(["active", "completed"]);

    const rehearsed = await launch.operate("POST", `/draws/${id}/rehearse`, { seed: "ab".repeat(32) });
    expect(rehearsed.body).toMatchObject({ entries: 6, eligible: 5, weights: [{ weight: 1, eligible: 5, winners: 2 }] });
    expect((await launch.operate("POST", `/draws/${id}/rehearse`, { seed: "ab".repeat(32) })).body).toEqual(rehearsed.body);
    expect((await launch.drawNow(id)).body.error).toBe("draw_already_drawn");
    expect((await launch.operate("POST", `/draws/${id}/cancel`, { confirm: id })).body.error).toBe("draw_already_drawn");
  });

  test("gives an unclaimed win to the next in rank, and never more than it promised", async () => {
    const id = await launch.makeDraw("claim", { continueSelectingUntilCompleted: true, winnerCount: 1, admissionExpirationSeconds: 600 });
    const shoppers = await launch.arriveMany(3);
    await Promise.all(shoppers.map((shopper) => shopper.ask("POST", `/draws/${id}/enter`)));
    await launch.drawNow(id);
    const wins = async () => (await launch.operate("GET", `/draws/${id}/wins`)).body.data as { ticket: number; status: string }[];
    await expect.poll(async () => (await wins()).length).toBe(1);
    // Nobody here waits ten minutes: the grant has run out because its row says so.
    await launch.service.db.run("update admission_grant set expires_at = now() - interval '1 second' where distribution_id = $1 and organization_id = $2", [
      id,
      launch.shop.organization.id,
    ]);
    await expect.poll(async () => (await wins()).map((win) => win.status).toSorted()).toEqual(["active", "expired"]);
    const first = shoppers.map((shopper) => shopper.ask("GET", `/draws/${id}/status`));
    const statuses = (await Promise.all(first)).map(({ body }) => body.status as string);
    expect(statuses.toSorted()).toEqual(["EXPIRED", "NOT_SELECTED", "WON"]);
    const transcript = (await launch.anybody(`/draws/${id}/transcript`)).body as Transcript;
    expect(readResult(transcript.result?.text ?? "")?.winners).toEqual([(await wins())[0]?.ticket]);
  });

  test("that is called off says so, and is not drawn", async () => {
    const id = await launch.makeDraw("off");
    const ann = await launch.arrive();
    await ann.ask("POST", `/draws/${id}/enter`);
    expect((await launch.operate("POST", `/draws/${id}/cancel`, { confirm: "no" })).body.error).toBe("draw_not_confirmed");
    expect((await launch.operate("POST", `/draws/${id}/cancel`, { confirm: id, message: "The shoes are lost." })).body.state).toBe("cancelled");
    expect((await ann.ask("GET", `/draws/${id}/status`)).body).toMatchObject({ status: "CANCELLED", message: "The shoes are lost." });
    expect((await (await launch.arrive()).ask("POST", `/draws/${id}/enter`)).body).toMatchObject({ status: "DENIED", denyReason: "DRAW_CANCELLED" });
    expect((await launch.drawNow(id)).body.error).toBe("draw_cancelled");
  });

  test("keeps whom the operator takes out in its list, with the reason's class, and draws without them", async () => {
    const id = await launch.makeDraw("taken", { winnerCount: 5 });
    const [ann, bot] = (await launch.arriveMany(2)) as [TestShopper, TestShopper];
    for (const shopper of [ann, bot]) await shopper.ask("POST", `/draws/${id}/enter`);
    await launch.operate("POST", `/consumers/${bot.consumerId}/revoke`, { reason: "BOT_DETECTED" });
    await launch.drawNow(id);
    await launch.untilState(id, "drawn");
    const transcript = (await launch.anybody(`/draws/${id}/transcript`)).body as Transcript;
    expect(transcript.entries.map((entry) => entry.slice(-2))).toEqual(["00", "03"]);
    expect(readResult(transcript.result?.text ?? "")?.winners).toEqual([1]);
    expect(verifyTranscript(transcript).holds).toBe(true);
  });

  test("takes as many entries as it may hold, and a place that was given up again", async () => {
    const id = await launch.makeDraw("full", { capacity: 2 });
    const shoppers = await launch.arriveMany(4);
    const answers = await Promise.all(shoppers.map((shopper) => shopper.ask("POST", `/draws/${id}/enter`)));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 200, 429, 429]);
    const inside = shoppers[answers.findIndex(({ status }) => status === 200)] as TestShopper;
    const outside = shoppers[answers.findIndex(({ status }) => status === 429)] as TestShopper;
    await inside.ask("POST", `/draws/${id}/leave`);
    expect((await outside.ask("POST", `/draws/${id}/enter`)).body.status).toBe("ENTERED");
    expect((await inside.ask("POST", `/draws/${id}/enter`)).body.error).toBe("draw_full");
  });

  test("belongs to its organization: another's keys find nothing of it", async () => {
    const id = await launch.makeDraw("mine");
    expect((await launch.anybody(`/draws/${id}`, launch.other)).status).toBe(404);
    expect((await launch.anybody(`/draws/${id}/transcript`, launch.other)).status).toBe(404);
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
      expect((await launch.operate(method, `/draws/${id}${path}`, body, launch.other)).status).toBe(404);
    }
    expect((await launch.operate("GET", "/draws", undefined, launch.other)).body.data).toEqual([]);
    const mine = await launch.operate("GET", "/draws?first=3");
    expect(mine.body.data).toHaveLength(3);
    expect(mine.body.data[0].id).toBe(id);
    const next = await launch.operate("GET", `/draws?first=3&after=${encodeURIComponent(mine.body.pageInfo.endCursor)}`);
    expect(next.body.data.map((draw: { id: string }) => draw.id)).not.toContain(id);
    expect((await launch.operate("DELETE", `/draws/${id}`)).body).toMatchObject({ archived: true, state: "cancelled" });
  });

  test("that somebody is in is not called off by archiving it, unless that is confirmed", async () => {
    const id = await launch.makeDraw("kept");
    const inside = await launch.arrive();
    await inside.ask("POST", `/draws/${id}/enter`);
    for (const confirmed of ["", "?confirm=draw_other"])
      expect((await launch.operate("DELETE", `/draws/${id}${confirmed}`)).body.error, confirmed).toBe("draw_not_confirmed");
    expect((await inside.ask("GET", `/draws/${id}/status`)).body.status).toBe("ENTERED");
    expect((await launch.operate("DELETE", `/draws/${id}?confirm=${id}`)).body).toMatchObject({ archived: true, state: "cancelled" });
    expect((await launch.operate("DELETE", `/draws/${id}`)).body).toMatchObject({ archived: true, state: "cancelled" });
  });
});

async function checkSignatures(transcript: Transcript): Promise<void> {
  const { keys } = (await launch.anybody("/.well-known/jwks.json")).body as { keys: (JsonWebKey & { kid: string })[] };
  for (const statement of [...transcript.commitments, transcript.closing, transcript.result]) {
    const jwk = keys.find(({ kid }) => kid === statement?.keyId);
    if (jwk === undefined || statement === null) throw new Error("A statement by an unknown key.");
    expect(verify(null, Buffer.from(statement.text), createPublicKey({ key: jwk, format: "jwk" }), Buffer.from(statement.signature, "base64url"))).toBe(true);
  }
}
