import { describe, expect, test } from "vitest";
import type { GateCode } from "@fanfare-io/fanfare-contract";
import { offer, routed } from "../testing/launch.ts";
import { chooseOffer, phaseOf } from "./plan.ts";

const gate = (code: GateCode, detail = "why"): { reason: { code: GateCode; detail: string } } => ({ reason: { code, detail } });
const open = offer({ sequenceId: "seq_open", distribution: { id: "queue_open" } });
const vip = offer({ sequenceId: "seq_vip", priority: 9, gates: [gate("ACCESS_CODE_REQUIRED")], distribution: { id: "queue_vip" } });

describe("choosing an offer", () => {
  test("the first offer without gates is taken, behind a gated one too (J7)", () => {
    expect(chooseOffer(routed(vip, open), null)).toEqual({ offer: open });
  });

  test("where every offer is gated, the gates of the first are shown (J7)", () => {
    const known = offer({ gates: [gate("AUTH_REQUIRED", "members"), gate("BOT_CHECK_REQUIRED")] });
    expect(chooseOffer({ ...routed(known, vip), outcome: "gated" }, null)).toEqual({
      plan: {
        stage: "gated",
        gates: [
          { type: "authentication", reason: "members" },
          { type: "bot_check", reason: "why" },
        ],
      },
    });
  });

  test("nothing offered, or no access, is unavailable (J8)", () => {
    const nowhere = { plan: { stage: "routed", place: null, now: { phase: "unavailable" } } };
    expect(chooseOffer(routed(), null)).toEqual(nowhere);
    expect(chooseOffer({ ...routed(open), outcome: "no_access" }, null)).toEqual(nowhere);
  });

  test("the offer that this device takes part in goes before any other (J11)", () => {
    expect(chooseOffer(routed(open, vip), "queue_vip")).toEqual({ offer: vip });
  });
});

describe("the phase of an offer", () => {
  const absent = { kind: "absent" } as const;
  test.each([
    ["active", null, { phase: "enterable" }],
    ["upcoming", "2026-11-22T11:00:00.000Z", { phase: "scheduled", startsAt: "2026-11-22T11:00:00.000Z" }],
    ["upcoming", null, { phase: "unavailable" }],
    ["ended", null, { phase: "ended", outcome: "closed" }],
    ["killed", null, { phase: "ended", outcome: "closed" }],
  ] as const)("%s with opening %s (J9, J10)", (state, openAt, expected) => {
    expect(phaseOf(offer({ distribution: { state, openAt } }), absent)).toEqual(expected);
  });

  test("a draw says when it closes its entries and when it draws (J9)", () => {
    const distribution = { id: "draw_1", type: "draw", closeAt: "2026-11-22T12:00:00.000Z", drawAt: "2026-11-22T12:05:00.000Z" } as const;
    const times = { closeAt: distribution.closeAt, drawAt: distribution.drawAt };
    expect(phaseOf(offer({ distribution }), absent)).toEqual({ phase: "enterable", times });
    const startsAt = "2026-11-22T11:00:00.000Z";
    expect(phaseOf(offer({ distribution: { ...distribution, state: "upcoming", openAt: startsAt } }), absent)).toEqual({ phase: "scheduled", startsAt, times });
  });

  test("whoever completed may not enter again, whoever left may (J10)", () => {
    const active = offer();
    expect(phaseOf(active, { kind: "ended", outcome: "completed", mayEnterAgain: false })).toEqual({ phase: "ended", outcome: "completed" });
    expect(phaseOf(active, { kind: "ended", outcome: "denied", mayEnterAgain: false, denyReason: "BOT_DETECTED" })).toEqual({
      phase: "ended",
      outcome: "denied",
      denyReason: "BOT_DETECTED",
    });
    expect(phaseOf(active, { kind: "ended", outcome: "left", mayEnterAgain: true })).toEqual({ phase: "enterable" });
  });
});
