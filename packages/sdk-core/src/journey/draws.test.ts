import { describe, expect, test } from "vitest";
import type { DrawConsumerState, DrawDisplay, JourneyHandle, SequenceView } from "@fanfare-io/fanfare-contract";
import { aReceipt, drawOffer, entered, notSelected, settling, won } from "../testing/draws.ts";
import { consumerId, routed, scriptSessions, startSdk, tokens, within } from "../testing/launch.ts";
import type { TestSdk } from "../testing/launch.ts";
import { refusal } from "../testing/scripted-service.ts";
import { createTabWorld } from "../testing/tab-world.ts";
import type { Tab, TabWorld } from "../testing/tab-world.ts";

const route = "POST /experiences/:id/route";
const enterLine = "POST /draws/:id/enter";
const leaveLine = "POST /draws/:id/leave";
const statusLine = "GET /draws/:id/status";

interface Entrant extends TestSdk {
  readonly w: TabWorld;
  readonly tab: Tab;
  readonly journey: JourneyHandle;
  readonly phases: string[];
}

function world(): TabWorld {
  const w = createTabWorld();
  const { service, clock } = w;
  scriptSessions(service, clock);
  service.answer(route, () => ({ status: 200, body: routed(drawOffer(clock)) }));
  service.answer(statusLine, { status: 200, body: { status: "NOT_ENTERED" } });
  service.answer(enterLine, () => ({ status: 200, body: { ...entered(clock), pollToken: "poll-1", receipt: aReceipt } }));
  service.answer(leaveLine, { status: 200, body: { status: "LEFT" } });
  service.answer("POST /grants/presentation", () => ({
    status: 200,
    body: {
      token: "grant-token-1",
      tokenExpiresAt: new Date(clock.now() + 120_000).toISOString(),
      grantId: "grant_1",
      expiresAt: new Date(clock.now() + 600_000).toISOString(),
    },
  }));
  return w;
}

async function arrive(w: TabWorld = world(), tab: Tab = w.openTab()): Promise<Entrant> {
  const started = await startSdk(w, tab);
  const journey = started.sdk.journeys.get("exp_1");
  await w.clock.settle();
  const phases: string[] = [];
  journey.view$.subscribe((view) => void phases.push(view.journeyStage === "routed" ? view.sequence.phase : view.journeyStage));
  return { ...started, w, tab, journey, phases };
}

function sequenceOf<P extends SequenceView["phase"]>({ journey }: Entrant, phase: P): Extract<SequenceView, { phase: P; mechanism: "draw" }> {
  const view = journey.view$.get();
  if (view.journeyStage !== "routed" || view.sequence.phase !== phase) throw new Error(`It is ${JSON.stringify(journey.snapshot$.get())}.`);
  return view.sequence as Extract<SequenceView, { phase: P; mechanism: "draw" }>;
}
async function start({ journey, w }: Entrant): Promise<void> {
  const view = journey.view$.get();
  if (view.journeyStage === "ready") await within(w.clock, 100, view.start());
}
async function enter(entrant: Entrant): Promise<void> {
  await start(entrant);
  await within(entrant.w.clock, 100, sequenceOf(entrant, "enterable").enter());
}
const say = (w: TabWorld, body: DrawConsumerState): void => w.service.answer(statusLine, { status: 200, body });
const drawEvents = (entrant: Entrant): string[] => entrant.names().filter((name) => name.startsWith("draw:"));

describe("the way of an entrant", () => {
  test("enterable with its times, entered, settling without asking, granted by the one question after the drawing (J26, J28)", async () => {
    const entrant = await arrive();
    await start(entrant);
    const { closeAt, drawAt } = sequenceOf(entrant, "enterable");
    expect(Date.parse(drawAt!) - Date.parse(closeAt!)).toBe(30_000);
    await within(entrant.w.clock, 100, sequenceOf(entrant, "enterable").enter());
    const { display$ } = sequenceOf(entrant, "participating");
    expect(display$.get()).toMatchObject({ status: "entered", winnerCount: 2, entrants: 5, receipt: aReceipt });
    const asked = entrant.w.service.count(statusLine);
    await entrant.w.clock.advance(61_000);
    expect(sequenceOf(entrant, "settling").display$).toBe(display$);
    expect(display$.get()).toMatchObject<Partial<DrawDisplay>>({ status: "settling", drawAt: display$.get().drawAt });
    expect("leave" in sequenceOf(entrant, "settling")).toBe(false);
    expect(entrant.w.service.count(statusLine)).toBe(asked);
    say(entrant.w, won(entrant.w.clock));
    await entrant.w.clock.advance(40_000);
    expect(entrant.w.service.count(statusLine)).toBe(asked + 1);
    expect(sequenceOf(entrant, "granted").grant).toMatchObject({ token: "grant-token-1", distributionId: "draw_1" });
    say(entrant.w, { status: "COMPLETED" });
    await entrant.w.clock.advance(25_000);
    expect(sequenceOf(entrant, "ended").outcome).toBe("completed");
    expect(entrant.phases).toEqual(["ready", "routing", "enterable", "participating", "settling", "granted", "ended"]);
    expect(drawEvents(entrant)).toEqual(["draw:entered", "draw:status-updated", "draw:won"]);
  });

  test("a win that belongs to another device is said to be there (J35)", async () => {
    const entrant = await arrive();
    await enter(entrant);
    await entrant.w.clock.advance(61_000);
    entrant.w.service.answer("POST /grants/presentation", refusal(403, "other_device"));
    say(entrant.w, won(entrant.w.clock));
    await entrant.w.clock.advance(40_000);
    expect(sequenceOf(entrant, "settling")).toMatchObject({ turnElsewhere: true });
    expect(entrant.journey.latestEvent$.get()).toMatchObject({ type: "error", severity: "warning" });
  });

  test("whoever is not drawn ends so, told once, and a later page finds it again without an event (J28)", async () => {
    const entrant = await arrive();
    await enter(entrant);
    say(entrant.w, notSelected(entrant.w.clock));
    await entrant.w.clock.advance(100_000);
    expect(sequenceOf(entrant, "ended").outcome).toBe("not_selected");
    expect(entrant.told.filter(({ event }) => event === "draw:lost")).toMatchObject([{ payload: { drawId: "draw_1", result: { outcome: "not_selected" } } }]);
    expect(entrant.journey.events$.get().map(({ type }) => type)).toEqual(["not_selected"]);
    entrant.sdk.destroy();
    entrant.w.service.answer(route, { status: 200, body: routed(drawOffer(entrant.w.clock, { state: "ended" })) });
    const later = await arrive(entrant.w);
    await start(later);
    expect(sequenceOf(later, "ended").outcome).toBe("not_selected");
    expect(drawEvents(later)).toEqual([]);
  });

  test("the reserve waits on, and a win that somebody left comes down to it (J28)", async () => {
    const entrant = await arrive();
    await enter(entrant);
    say(entrant.w, notSelected(entrant.w.clock, 1));
    await entrant.w.clock.advance(100_000);
    expect(sequenceOf(entrant, "settling").display$.get()).toMatchObject({ status: "reserve", reserveAhead: 1 });
    say(entrant.w, won(entrant.w.clock));
    await entrant.w.clock.advance(35_000);
    sequenceOf(entrant, "granted");
    expect(drawEvents(entrant)).toEqual(["draw:entered", "draw:status-updated", "draw:status-updated", "draw:won"]);
  });

  test("a draw that is put off takes its entrants back, and they may leave again (J27)", async () => {
    const entrant = await arrive();
    await enter(entrant);
    const putOff = entered(entrant.w.clock, {
      closeAt: new Date(entrant.w.clock.now() + 600_000).toISOString(),
      drawAt: new Date(entrant.w.clock.now() + 700_000).toISOString(),
    });
    await entrant.w.clock.advance(61_000);
    sequenceOf(entrant, "settling");
    say(entrant.w, putOff);
    await entrant.w.clock.advance(40_000);
    expect(sequenceOf(entrant, "participating").display$.get()).toMatchObject({ status: "entered", drawAt: putOff.drawAt });
    await within(entrant.w.clock, 100, sequenceOf(entrant, "participating").leave!());
    expect(sequenceOf(entrant, "ended").outcome).toBe("left");
    expect(drawEvents(entrant)).toEqual(["draw:entered", "draw:status-updated", "draw:status-updated", "draw:left"]);
  });

  test("a draw that is called off says so (J20)", async () => {
    const entrant = await arrive();
    await enter(entrant);
    say(entrant.w, { status: "CANCELLED", cancelledAt: new Date(entrant.w.clock.now()).toISOString() });
    await entrant.w.clock.advance(100_000);
    expect(sequenceOf(entrant, "ended")).toMatchObject({ outcome: "closed", denyReason: "DRAW_CANCELLED" });
    expect(entrant.journey.latestEvent$.get()?.message).toBe("The draw was called off.");
  });

  test("a draw that is not open yet refuses the entry, and the journey shows when it opens (J15)", async () => {
    const entrant = await arrive();
    await start(entrant);
    const openAt = new Date(entrant.w.clock.now() + 30_000).toISOString();
    entrant.w.service.answer(route, { status: 200, body: routed(drawOffer(entrant.w.clock, { state: "upcoming", openAt })) });
    entrant.w.service.answer(enterLine, refusal(423, "draw_not_open", {}, { "retry-after": "30" }));
    await expect(within(entrant.w.clock, 1_000, sequenceOf(entrant, "enterable").enter())).rejects.toMatchObject({ code: "DRAW_NOT_OPEN" });
    await entrant.w.clock.advance(100);
    expect(sequenceOf(entrant, "scheduled")).toMatchObject({ mechanism: "draw", startsAt: openAt });
  });

  test("leaving after the close is refused, and changes nothing (J26)", async () => {
    const entrant = await arrive();
    await enter(entrant);
    entrant.w.service.answer(leaveLine, refusal(409, "draw_closed"));
    await expect(within(entrant.w.clock, 100, sequenceOf(entrant, "participating").leave!())).rejects.toMatchObject({ code: "DRAW_CLOSED" });
    expect(sequenceOf(entrant, "participating").display$.get().status).toBe("entered");
  });
});

describe("pages and tabs", () => {
  test("a page that comes back after the close shows settling at once, then the result, each told once (J21, J26)", async () => {
    const entrant = await arrive();
    await enter(entrant);
    entrant.sdk.destroy();
    await entrant.w.clock.advance(70_000);
    entrant.w.service.answer(statusLine, "never");
    const back = await arrive(entrant.w);
    expect(back.phases).toEqual(["settling"]);
    expect((await back.sdk.restore()).experiences.draws["draw_1"]).toMatchObject({ status: "participating" });
    say(entrant.w, won(entrant.w.clock));
    await entrant.w.clock.advance(30_000);
    sequenceOf(back, "granted");
    expect(drawEvents(back)).toEqual(["draw:won"]);
    back.sdk.destroy();
    const again = await arrive(entrant.w);
    await entrant.w.clock.advance(1_000);
    sequenceOf(again, "granted");
    expect(drawEvents(again)).toEqual([]);
  });

  test("another tab follows an entry, without routing (J21)", async () => {
    const w = world();
    const first = await arrive(w);
    const second = await arrive(w);
    await enter(first);
    await w.clock.advance(1_000);
    say(w, settling(w.clock));
    await w.clock.advance(61_000);
    sequenceOf(second, "settling");
    expect(drawEvents(second)).not.toContain("draw:entered");
  });

  test("a page that slept over the close knows it on waking (J26)", async () => {
    const entrant = await arrive();
    await enter(entrant);
    say(entrant.w, settling(entrant.w.clock));
    entrant.tab.hide();
    entrant.w.clock.jumpWall(65_000);
    entrant.tab.show();
    await entrant.w.clock.advance(200);
    expect(sequenceOf(entrant, "settling").display$.get().status).toBe("settling");
  });

  test("records ask what the service publishes, the receipt stays after the result and goes with the session (J29)", async () => {
    const entrant = await arrive();
    await start(entrant);
    const { records } = sequenceOf(entrant, "enterable");
    expect(await records.receipt()).toBeNull();
    await within(entrant.w.clock, 100, sequenceOf(entrant, "enterable").enter());
    expect(sequenceOf(entrant, "participating").records).toBe(records);
    say(entrant.w, notSelected(entrant.w.clock));
    await entrant.w.clock.advance(100_000);
    expect(sequenceOf(entrant, "ended").records).toBe(records);
    entrant.w.service.answer("GET /draws/:id", { status: 200, body: { id: "draw_1", state: "drawn" } });
    entrant.w.service.answer("GET /draws/:id/transcript", { status: 200, body: { drawId: "draw_1" } });
    entrant.w.service.answer("GET /draws/:id/proof", ({ headers }) => ({ status: headers.has("authorization") ? 200 : 401, body: aReceipt }));
    expect(await within(entrant.w.clock, 100, records.facts())).toMatchObject({ state: "drawn" });
    expect(await within(entrant.w.clock, 100, records.transcript())).toMatchObject({ drawId: "draw_1" });
    expect(await within(entrant.w.clock, 100, records.proof())).toMatchObject({ entry: aReceipt.entry });
    expect(await records.receipt()).toEqual(aReceipt);
    await within(entrant.w.clock, 1_000, entrant.sdk.auth.logout());
    expect([...entrant.w.items.values()].join()).not.toContain(aReceipt.entry);
  });

  test("the next person on this device does not get the receipt of the last (J29)", async () => {
    const entrant = await arrive();
    await enter(entrant);
    const { records } = sequenceOf(entrant, "participating");
    await within(entrant.w.clock, 1_000, entrant.sdk.auth.logout());
    const other = consumerId.replace(/1$/, "2");
    entrant.w.service.answer("POST /auth/guest", { status: 201, body: tokens(entrant.w.clock, 9, other) });
    await within(entrant.w.clock, 1_000, entrant.sdk.auth.guest());
    expect(await records.receipt()).toBeNull();
  });
});
