import { expect, test } from "vitest";
import { distributionState, routeConsumer, scheduleOf } from "./routing.ts";
import type { RoutableDistribution, RoutableSequence } from "./routing.ts";

const queue = (more: Partial<RoutableDistribution> = {}): RoutableDistribution => ({
  id: "queue_a",
  type: "queue",
  state: "active",
  openAt: null,
  closeAt: null,
  participating: false,
  ...more,
});
const sequence = (more: Partial<RoutableSequence> = {}): RoutableSequence => ({
  id: "seq_a",
  name: "Everyone",
  priority: 0,
  needsAccessCode: false,
  codeFits: false,
  needs: null,
  distributions: [queue()],
  ...more,
});
const vip = (more: Partial<RoutableSequence> = {}): RoutableSequence =>
  sequence({ id: "seq_vip", name: "Friends", priority: 10, needsAccessCode: true, ...more });
const idsOf = (answer: ReturnType<typeof routeConsumer>): string[] => answer.offers.map((offer) => offer.sequenceId);

test("an open way makes the outcome routed, even below a way that needs a code", () => {
  const answer = routeConsumer("exp_a", [sequence(), vip()]);
  expect(answer.outcome).toBe("routed");
  expect(answer.offers.map((offer) => [offer.sequenceId, offer.gates.map((gate) => gate.reason.code)])).toEqual([
    ["seq_vip", ["ACCESS_CODE_REQUIRED"]],
    ["seq_a", []],
  ]);
});

test("only ways that need a code make it gated, and the right code opens them", () => {
  expect(routeConsumer("exp_a", [vip()]).outcome).toBe("gated");
  expect(routeConsumer("exp_a", [vip({ codeFits: true })])).toMatchObject({ outcome: "routed", offers: [{ gates: [] }] });
});

test("a way that asks who somebody is says what to prove, beside the code that it asks for", () => {
  const needs = { requires: "email", emailDomains: ["shop.example"] } as const;
  const answer = routeConsumer("exp_a", [vip({ needs })]);
  expect(answer.outcome).toBe("gated");
  expect(answer.offers[0]?.gates.map(({ reason }) => reason.code)).toEqual(["AUTH_REQUIRED", "ACCESS_CODE_REQUIRED"]);
  expect(answer.offers[0]?.gates[0]?.reason.detail).toContain("@shop.example");
});

test("whoever takes part is not asked any more who they are", () => {
  const mine = sequence({ needs: { requires: "identity" }, distributions: [queue({ participating: true })] });
  expect(routeConsumer("exp_a", [mine])).toMatchObject({ outcome: "routed", offers: [{ gates: [] }] });
});

test("an experience without distributions gives no access", () => {
  expect(routeConsumer("exp_a", [sequence({ distributions: [] })])).toEqual({ experienceId: "exp_a", outcome: "no_access", offers: [] });
});

test("what is over is offered only where nothing else is left", () => {
  const over = sequence({ id: "seq_over", priority: 5, distributions: [queue({ state: "ended" })] });
  expect(idsOf(routeConsumer("exp_a", [over, sequence()]))).toEqual(["seq_a"]);
  expect(routeConsumer("exp_a", [over])).toMatchObject({ outcome: "routed", offers: [{ distribution: { state: "ended" } }] });
});

test("whoever takes part already keeps their way, past its gate and its closing time", () => {
  const mine = vip({ priority: -1, distributions: [queue({ state: "ended", participating: true })] });
  expect(routeConsumer("exp_a", [sequence(), mine]).offers[0]).toMatchObject({ sequenceId: "seq_vip", gates: [] });
});

test("of several draws that are over the latest is told of, however long the others have been there", () => {
  const draw = (id: string, drawAt: number, state: RoutableDistribution["state"] = "ended") =>
    queue({ id, type: "draw", state, openAt: 0, closeAt: 50, drawAt });
  const offered = (...distributions: RoutableDistribution[]) => routeConsumer("exp_a", [sequence({ distributions })]).offers[0]?.distribution.id;
  expect(offered(draw("draw_1", 100), draw("draw_3", 300), draw("draw_2", 200))).toBe("draw_3");
  expect(offered(draw("draw_1", 100, "killed"), draw("draw_2", 200, "killed"))).toBe("draw_2");
  expect(offered(draw("draw_late", 900), draw("draw_next", 1_000, "upcoming"))).toBe("draw_next");
});

test("of several queues in a sequence the live one is taken, else the next to open", () => {
  const distributions = [
    queue({ id: "queue_old", state: "ended" }),
    queue({ id: "queue_late", state: "upcoming", openAt: 200 }),
    queue({ id: "queue_soon", state: "upcoming", openAt: 100 }),
  ];
  expect(routeConsumer("exp_a", [sequence({ distributions })]).offers[0]?.distribution).toMatchObject({ id: "queue_soon", openAt: "1970-01-01T00:00:00.100Z" });
});

test("a queue that takes early arrivals is a way in before it opens", () => {
  expect([distributionState("upcoming", true), distributionState("ended", true)]).toEqual(["active", "ended"]);
});

test("a queue's state reads as the timing that all mechanisms share", () => {
  expect((["upcoming", "open", "paused", "ended", "exhausted", "killed"] as const).map((state) => distributionState(state, false))).toEqual([
    "upcoming",
    "active",
    "active",
    "ended",
    "ended",
    "killed",
  ]);
});

test("an experience is open from its earliest opening to its latest close", () => {
  expect(scheduleOf([])).toEqual({ openAt: null, closeAt: null });
  expect(
    scheduleOf([
      { openAt: 1000, closeAt: null },
      { openAt: 2000, closeAt: 3000 },
    ]),
  ).toEqual({ openAt: "1970-01-01T00:00:01.000Z", closeAt: null });
});

test("a draw's offer says when it draws", () => {
  const drawAt = Date.parse("2026-11-22T12:00:00.000Z");
  const offered = routeConsumer("exp_a", [sequence({ distributions: [queue({ id: "draw_a", type: "draw", closeAt: drawAt - 60_000, drawAt })] })]);
  expect(offered.offers[0]?.distribution).toMatchObject({ type: "draw", closeAt: "2026-11-22T11:59:00.000Z", drawAt: "2026-11-22T12:00:00.000Z" });
});
