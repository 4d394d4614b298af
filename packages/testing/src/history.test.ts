import { expect, test } from "vitest";
import { checkHistory } from "./history.ts";
import type { Observation, Truth } from "./history.ts";

const truth: Truth = {
  entries: [
    { consumerId: "a", ticket: 1, state: "completed", live: true },
    { consumerId: "b", ticket: 2, state: "waiting", live: true },
  ],
  grants: [{ id: "g1", consumerId: "a", ticket: 1, state: "completed", orderId: "o1", receiptId: "r1" }],
  changes: [
    { version: 1, kind: "admitted", tickets: [1] },
    { version: 2, kind: "completed", tickets: [1] },
  ],
  active: 0,
  granted: 1,
  capacity: 1,
  maxAdmissions: 2,
};
const honest: readonly Observation[] = [
  { kind: "entered", consumerId: "a", ticket: 1, askedAt: 0, answeredAt: 1 },
  { kind: "entered", consumerId: "b", ticket: 2, askedAt: 2, answeredAt: 3 },
  { kind: "shown", consumerId: "b", ticket: 2, position: 2 },
  { kind: "shown", consumerId: "b", ticket: 2, position: 1 },
  { kind: "completed", grantId: "g1", orderId: "o1", receiptId: "r1" },
  { kind: "refused", grantId: "g1", orderId: "o2" },
  { kind: "entered", consumerId: "a", ticket: 1, askedAt: 8, answeredAt: 9 },
];

test("an honest history breaks nothing", () => {
  expect(checkHistory(honest, truth)).toEqual([]);
});

test.each<[string, string, readonly Observation[], Partial<Truth>]>([
  ["I1", "an acknowledged entry is gone", [{ kind: "entered", consumerId: "c", ticket: 3, askedAt: 0, answeredAt: 1 }], {}],
  ["I2", "a consumer has two live entries", [], { entries: [...truth.entries, { consumerId: "a", ticket: 3, state: "waiting", live: true }] }],
  ["I3", "a ticket is missing", [], { entries: [truth.entries[0] as Truth["entries"][0], { consumerId: "b", ticket: 3, state: "waiting", live: true }] }],
  [
    "I3",
    "a later ask stands before an earlier acknowledgement",
    [
      { kind: "entered", consumerId: "b", ticket: 2, askedAt: 0, answeredAt: 1 },
      { kind: "entered", consumerId: "a", ticket: 1, askedAt: 2, answeredAt: 3 },
    ],
    {},
  ],
  [
    "I4",
    "the cap was passed for a moment",
    [],
    {
      changes: [
        { version: 1, kind: "admitted", tickets: [1, 2] },
        { version: 2, kind: "completed", tickets: [1, 2] },
      ],
    },
  ],
  ["I4", "a change is missing", [], { changes: [{ version: 2, kind: "admitted", tickets: [1] }] }],
  ["I4", "the counter and the grants disagree", [], { active: 1 }],
  ["I5", "a receipt belongs to another order", [{ kind: "completed", grantId: "g1", orderId: "o9", receiptId: "r1" }], {}],
  ["I5", "the order that won was told no", [{ kind: "refused", grantId: "g1", orderId: "o1" }], {}],
  [
    "I6",
    "a position rose",
    [
      { kind: "shown", consumerId: "b", ticket: 2, position: 1 },
      { kind: "shown", consumerId: "b", ticket: 2, position: 2 },
    ],
    {},
  ],
])("%s is broken when %s", (invariant, _, observations, more) => {
  const broken = checkHistory(observations, { ...truth, ...more });
  expect(broken.map((violation) => violation.invariant)).toContain(invariant);
});
