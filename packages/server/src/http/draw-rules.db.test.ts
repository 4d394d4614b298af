import { verifyTranscript } from "@fanfare-io/fanfare-draw-proof";
import type { Transcript } from "@fanfare-io/fanfare-draw-proof";
import { verifyBeacon } from "@fanfare-io/fanfare-draw-proof/beacon";
import { describe, expect, test } from "vitest";
import { fromNow, useDrawLaunch } from "../testing/draw-launch.ts";

const launch = useDrawLaunch();

describe("the rules of a draw", () => {
  test("keeps its rules once entries are open, and moves its times in public only", async () => {
    const id = await launch.makeDraw("rules");
    for (const change of [
      { winnerCount: 3 },
      { weighting: { rule: "luck_balancing", maxWeight: 2 } },
      { openAt: fromNow(10) },
      { continueSelectingUntilCompleted: true },
    ]) {
      expect((await launch.operate("PUT", `/draws/${id}`, change)).body.error).toBe("draw_committed");
    }
    const { drawAt } = (await launch.anybody(`/draws/${id}`)).body;
    expect((await launch.operate("PUT", `/draws/${id}`, { drawAt: fromNow(7200), name: "Later" })).body).toMatchObject({ name: "Later", winnerCount: 2 });
    await expect.poll(async () => (await launch.anybody(`/draws/${id}`)).body.earlierDrawAts).toEqual([drawAt]);
    await launch.drawNow(id);
    await launch.untilState(id, "drawn");
    const transcript = (await launch.anybody(`/draws/${id}/transcript`)).body as Transcript;
    expect(transcript.commitments).toHaveLength(3);
    expect(verifyTranscript(transcript).holds).toBe(true);
  });

  test("that opens later takes nobody before, and may be changed until then", async () => {
    const id = await launch.makeDraw("later", { openAt: fromNow(600) });
    const early = await (await launch.arrive()).ask("POST", `/draws/${id}/enter`);
    expect(early).toMatchObject({ status: 423, body: { error: "draw_not_open" } });
    expect(Number(early.headers.get("retry-after"))).toBeGreaterThan(500);
    expect((await launch.operate("PUT", `/draws/${id}`, { winnerCount: 9, openAt: null })).body).toMatchObject({ winnerCount: 9, state: "open" });
    await expect.poll(async () => (await launch.anybody(`/draws/${id}`)).body.state).toBe("open");
  });

  test("is made with its launch in one call, commitment and all, or nothing is made", async () => {
    const draw = { name: "Bowls", drawAt: fromNow(3600), winnerCount: 2 };
    const launchOf = (id: string, draws: readonly object[]) => ({
      id,
      name: "L",
      sequence: { id: `seq_${id}`, name: "All", queues: [{ name: "Line", admitRate: 60 }], draws },
    });
    const made = await launch.operate("POST", "/experiences", launchOf("exp_whole", [draw, { ...draw, id: "draw_whole", openAt: fromNow(600) }]));
    expect(made).toMatchObject({
      status: 201,
      body: { sequences: [{ queues: [{ name: "Line" }], draws: [{ state: "open" }, { id: "draw_whole", state: "upcoming" }] }] },
    });
    expect((await launch.operate("GET", "/experiences/exp_whole")).body.sequences[0].draws).toHaveLength(2);
    expect((await launch.anybody("/draws/draw_whole")).body.commitment.hash).toMatch(/^[0-9a-f]{64}$/);
    expect((await (await launch.arrive()).ask("POST", "/experiences/exp_whole/route")).body.outcome).toBe("routed");

    const late = await launch.operate("POST", "/experiences", launchOf("exp_half", [draw, { ...draw, closeAt: fromNow(-10) }]));
    expect(late).toMatchObject({ status: 400, body: { issues: [{ path: ["sequence", "draws", 1, "closeAt"] }] } });
    expect((await launch.operate("POST", "/experiences", launchOf("exp_half", [{ ...draw, id: "draw_whole" }]))).body.error).toBe("already_exists");
    expect((await launch.operate("GET", "/experiences/exp_half")).status).toBe(404);
    expect((await launch.operate("POST", "/experiences", launchOf("exp_half", [{ ...draw, sequenceId: "seq_exp_whole" }]))).status).toBe(400);
  });

  test("balances luck: who was not selected before counts more, up to the limit", async () => {
    const shoppers = await launch.arriveMany(4);
    for (const name of ["luck1", "luck2", "luck3"]) {
      const id = await launch.makeDraw(name, { winnerCount: 1, weighting: { rule: "luck_balancing", maxWeight: 3 } });
      const entered = await Promise.all(shoppers.map((shopper) => shopper.ask("POST", `/draws/${id}/enter`)));
      const weights = entered.map(({ body }) => body.weight as number);
      if (name === "luck1") expect(weights).toEqual([1, 1, 1, 1]);
      if (name === "luck2") expect(weights.toSorted((a, b) => a - b)).toEqual([1, 2, 2, 2]);
      if (name === "luck3") expect(Math.max(...weights)).toBe(3);
      await launch.drawNow(id);
      await expect.poll(async () => (await launch.operate("GET", `/draws/${id}/wins`)).body.data.length).toBe(1);
      expect(verifyTranscript((await launch.anybody(`/draws/${id}/transcript`)).body).holds).toBe(true);
    }
  });

  test("under a beacon waits for the promised round, and takes no other signature", async () => {
    const chainHash = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971";
    const round = Math.ceil((Date.now() / 1000 + 7200 - 1_692_803_367) / 3) + 1;
    const at = new Date((1_692_803_367 + 3 * (round - 1)) * 1000).toISOString();
    const id = await launch.makeDraw("beacon", { beacon: { chainHash, round, at } });
    const early = { sequenceId: "seq_beacon", name: "D", drawAt: fromNow(7300), winnerCount: 1, beacon: { chainHash, round, at } };
    expect((await launch.operate("POST", "/draws", early)).body.issues).toMatchObject([{ path: ["beacon"] }]);
    const ann = await launch.arrive();
    await ann.ask("POST", `/draws/${id}/enter`);
    const signature = "b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be41076862b98fad56e91a6b85b89cd97b";
    expect((await launch.operate("POST", `/draws/${id}/beacon`, { signature })).body.error).toBe("invalid_beacon_signature");
    // Drawing at once cannot be: the list closes now, and a round after it is promised instead.
    const moved = await launch.drawNow(id);
    expect(Date.parse(moved.body.beacon.at)).toBeGreaterThan(Date.parse(moved.body.drawAt));
    await expect.poll(async () => (await launch.anybody(`/draws/${id}`)).body.root).not.toBeNull();
    expect((await ann.ask("GET", `/draws/${id}/status`)).body).toMatchObject({ status: "SETTLING" });
    expect((await launch.operate("PUT", `/draws/${id}`, { beacon: null })).body.error).toBe("draw_committed");
    const transcript = (await launch.anybody(`/draws/${id}/transcript`)).body as Transcript;
    expect(transcript.result).toBeNull();
    expect(verifyTranscript(transcript, { verifyBeacon }).holds).toBe(false);
  });
});
