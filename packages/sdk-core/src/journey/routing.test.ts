import { describe, expect, test } from "vitest";
import { offer, queued, routed, within } from "../testing/launch.ts";
import { refusal } from "../testing/scripted-service.ts";
import { arrive, enterLine, route, sequenceOf, start, statusLine, viewOf, world } from "../testing/shopper.ts";

describe("routing", () => {
  test("a failed start goes back to ready with the error in the snapshot, and works the next time (J3)", async () => {
    const shopper = await arrive();
    shopper.w.service.answer(route, refusal(404, "not_found"));
    await expect(start(shopper)).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect(shopper.journey.snapshot$.get()).toMatchObject({ journeyStage: "ready", error: { code: "NOT_FOUND" } });
    shopper.w.service.answer(route, { status: 200, body: routed(offer()) });
    await start(shopper);
    expect(shopper.journey.snapshot$.get()).toMatchObject({ sequencePhase: "enterable", error: null });
  });

  test("a mechanism from the future is unavailable, not an error (J8)", async () => {
    const shopper = await arrive();
    shopper.w.service.answer(route, { status: 200, body: routed(offer({ distribution: { type: "auction" } })) });
    await start(shopper);
    expect(sequenceOf(shopper, "unavailable").name).toBe("Everyone");
  });

  test("a scheduled journey opens by the service's clock, without passing through routing (J9)", async () => {
    const w = world();
    const startsAt = new Date(w.clock.now() + 3_600_000).toISOString();
    const serverDate = { date: new Date(w.clock.now()).toUTCString() };
    w.clock.jumpWall(-86_400_000);
    const shopper = await arrive(w);
    w.service.answer(route, { status: 200, body: routed(offer({ distribution: { state: "upcoming", openAt: startsAt } })), headers: serverDate });
    await start(shopper);
    expect(sequenceOf(shopper, "scheduled").startsAt).toBe(startsAt);
    await w.clock.advance(3_590_000);
    expect(w.service.count(route)).toBe(1);
    w.service.answer(route, { status: 200, body: routed(offer()) });
    await w.clock.advance(12_000);
    expect(w.service.count(route)).toBe(2);
    expect(shopper.stages).toEqual(["ready", "routing", "scheduled", "enterable"]);
  });

  test("an opening that the service does not confirm yet, or cannot be asked about, is asked for again (J9)", async () => {
    const w = world();
    const shopper = await arrive(w);
    w.service.answer(route, {
      status: 200,
      body: routed(offer({ distribution: { state: "upcoming", openAt: new Date(w.clock.now() + 1_000).toISOString() } })),
    });
    await start(shopper);
    await w.clock.advance(5_000);
    w.service.answer(route, "lost");
    await w.clock.advance(20_000);
    expect(sequenceOf(shopper, "scheduled").phase).toBe("scheduled");
    w.service.answer(route, { status: 200, body: routed(offer()) });
    await w.clock.advance(10_000);
    expect(sequenceOf(shopper, "enterable").phase).toBe("enterable");
  });

  test("an ended line is closed for whoever is not in it (J10)", async () => {
    const shopper = await arrive();
    shopper.w.service.answer(route, { status: 200, body: routed(offer({ distribution: { state: "ended" } })) });
    await start(shopper);
    expect(sequenceOf(shopper, "ended").outcome).toBe("closed");
  });

  test("whoever stands in the line by the service's word goes straight there (J11)", async () => {
    const shopper = await arrive();
    await within(shopper.w.clock, 100, shopper.sdk.auth.guest());
    shopper.w.service.answer(statusLine, { status: 200, body: queued(2) });
    await start(shopper);
    expect(sequenceOf(shopper, "participating").display$.get()).toMatchObject({ position: 2 });
    expect(shopper.w.service.count(enterLine)).toBe(0);
    expect(shopper.stages).toEqual(["ready", "routing", "participating"]);
  });

  test("an access code is kept for later routes, and tells whether it opened another way (J12)", async () => {
    const shopper = await arrive();
    const vip = offer({ sequenceId: "seq_vip", distribution: { id: "queue_vip" } });
    shopper.w.service.answer(route, ({ body }) => ({ status: 200, body: body["accessCode"] === "VIP" ? routed(vip, offer()) : routed(offer()) }));
    await start(shopper);
    const { submitAccessCode } = viewOf(shopper, "routed");
    expect(await within(shopper.w.clock, 100, submitAccessCode("nope"))).toEqual({ outcome: "unchanged" });
    expect(await within(shopper.w.clock, 100, submitAccessCode("VIP"))).toEqual({ outcome: "advanced", sequenceId: "seq_vip" });
    await within(shopper.w.clock, 100, viewOf(shopper, "routed").reroute());
    expect(shopper.w.service.requests.at(-1)?.body).toEqual({ accessCode: "VIP" });
    expect(shopper.stages).not.toContain("gated");
  });

  test("gates are shown, and a code passes them (J12, J23)", async () => {
    const shopper = await arrive();
    const gated = { ...routed(offer({ gates: [{ reason: { code: "ACCESS_CODE_REQUIRED", detail: "Members" } }] })), outcome: "gated" as const };
    shopper.w.service.answer(route, ({ body }) => ({ status: 200, body: body["accessCode"] ? routed(offer()) : gated }));
    await start(shopper);
    const view = viewOf(shopper, "gated");
    expect(view.gates).toEqual([{ type: "access_code", reason: "Members" }]);
    expect(Object.keys(view).sort()).toEqual(["gates", "journeyStage", "reroute", "retry"]);
    await within(shopper.w.clock, 100, view.reroute({ accessCode: "x" }));
    expect(sequenceOf(shopper, "enterable").phase).toBe("enterable");
  });

  test("the code that opened the way is sent along to enter, and one that is wrong by then leads back to the gate (J12)", async () => {
    const shopper = await arrive();
    const gated = { ...routed(offer({ gates: [{ reason: { code: "ACCESS_CODE_REQUIRED", detail: "Members" } }] })), outcome: "gated" as const };
    shopper.w.service.answer(route, ({ body }) => ({ status: 200, body: body["accessCode"] ? routed(offer()) : gated }));
    shopper.w.service.answer(enterLine, refusal(403, "access_code_required"));
    await start(shopper);
    await within(shopper.w.clock, 100, viewOf(shopper, "gated").reroute({ accessCode: "VIP" }));
    shopper.w.service.answer(route, { status: 200, body: gated });
    await expect(within(shopper.w.clock, 100, sequenceOf(shopper, "enterable").enter())).rejects.toMatchObject({ code: "ACCESS_CODE_REQUIRED" });
    expect(shopper.w.service.requests.find(({ line }) => line === enterLine)?.body).toEqual({ accessCode: "VIP" });
    await shopper.w.clock.advance(100);
    expect(shopper.stages.at(-1)).toBe("gated");
  });
});
