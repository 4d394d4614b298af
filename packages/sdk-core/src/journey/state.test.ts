import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readyState, takesPart, transition } from "./state.ts";
import type { JourneyInput, JourneyState, Phase, Place } from "./state.ts";

const place: Place = { sequenceId: "seq_1", name: "Everyone", mechanism: "queue", distributionId: "queue_1" };
const routed = (now: Phase): JourneyState => ({ stage: "routed", place, now });
const gates = [{ type: "access_code" as const, reason: "code" }];

const states: Readonly<Record<string, JourneyState>> = {
  ready: readyState,
  routing: transition(readyState, { type: "route_requested" }),
  gated: { stage: "gated", gates },
  unavailable: routed({ phase: "unavailable" }),
  scheduled: routed({ phase: "scheduled", startsAt: "2026-11-22T11:00:00.000Z" }),
  enterable: routed({ phase: "enterable" }),
  participating: routed({ phase: "participating" }),
  elsewhere: routed({ phase: "participating", turnElsewhere: true }),
  settling: routed({ phase: "settling" }),
  granted: routed({ phase: "granted", token: "t1", expiresAt: "2026-11-22T11:00:00.000Z" }),
  ended: routed({ phase: "ended", outcome: "left" }),
};
const plan = { stage: "routed", place, now: { phase: "enterable" } } as const;
const inputs: Readonly<Record<string, JourneyInput>> = {
  route_requested: { type: "route_requested" },
  route_answered: { type: "route_answered", plan },
  route_failed: { type: "route_failed", back: readyState },
  session_required: { type: "session_required", gates },
  joined: { type: "joined", place },
  closed: { type: "closed", place },
  presented: { type: "presented", token: "t2", expiresAt: "2026-11-22T11:00:00.000Z" },
  turn_elsewhere: { type: "turn_elsewhere" },
  ended: { type: "ended", outcome: "completed" },
  session_ended: { type: "session_ended" },
};

/** Where each input leads from each state; "-" = nowhere, the same object. */
const table: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  //                  route_requested  route_answered  route_failed  session_required  joined         closed    presented turn_elsewhere ended     session_ended
  ready: row("        routing          enterable       -             -                 participating  settling  -         -              -         -"),
  routing: row("      -                enterable       ready         -                 participating  settling  -         -              -         -"),
  gated: row("        routing          enterable       -             -                 participating  settling  -         -              -         -"),
  unavailable: row("  routing          enterable       -             -                 participating  settling  -         -              -         -"),
  scheduled: row("    routing          enterable       -             -                 participating  settling  -         -              -         -"),
  enterable: row("    routing          enterable       -             gated             participating  settling  -         -              ended     -"),
  participating: row("-                -               -             -                 -              settling  granted   elsewhere      ended     ready"),
  elsewhere: row("    -                -               -             -                 participating  settling  granted   -              ended     ready"),
  settling: row("     -                -               -             -                 participating  -         granted   elsewhere      ended     ready"),
  granted: row("      -                -               -             -                 participating  settling  granted   -              ended     ready"),
  ended: row("        routing          enterable       -             -                 participating  settling  -         -              -         ready"),
};

function row(text: string): Record<string, string> {
  const cells = text.trim().split(/\s+/);
  return Object.fromEntries(Object.keys(inputs).map((name, index) => [name, cells[index]!]));
}

function nameOf(state: JourneyState): string {
  if (state.stage !== "routed") return state.stage;
  return "turnElsewhere" in state.now ? "elsewhere" : state.now.phase;
}

describe("the transition table", () => {
  for (const [from, state] of Object.entries(states)) {
    test(`from ${from} every input leads where the table says (J1, J2, J4, J5)`, () => {
      for (const [name, input] of Object.entries(inputs)) {
        const next = transition(state, input);
        const expected = table[from]![name];
        if (expected === "-") expect(next, `${from} × ${name}`).toBe(state);
        else expect(nameOf(next), `${from} × ${name}`).toBe(expected);
      }
    });
  }

  test("random histories never leave the known states, and no route takes a place away (J1, J4)", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...Object.values(inputs)), { maxLength: 60 }), (history) => {
        let state: JourneyState = readyState;
        for (const input of history) {
          const next = transition(state, input);
          expect(Object.keys(states)).toContain(nameOf(next));
          if (takesPart(state) && input.type.startsWith("route_")) expect(next).toBe(state);
          state = next;
        }
      }),
    );
  });

  test("a failed route goes back to exactly where it began (J3)", () => {
    const began = states["gated"]!;
    expect(transition(transition(began, { type: "route_requested" }), { type: "route_failed", back: began })).toBe(began);
  });
});
