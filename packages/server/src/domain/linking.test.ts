import { expect, test } from "vitest";
import { judgeMeeting, outcomeOfMerge, planMerge } from "./linking.ts";
import type { DrawStanding, Meeting, QueueStanding, Verdict } from "./linking.ts";

/** Rows: the guest's standing; columns: the identity's. `G` or `I` is kept; `-` nothing, `x` the other is closed, `=` the other stays beside. */
function expectTable<Status extends string>(statuses: readonly Status[], table: string, judge: (guest: Status, identity: Status) => Verdict): void {
  const rows = table
    .trim()
    .split("\n")
    .map((row) => row.trim().split(/\s+/));
  expect(rows).toHaveLength(statuses.length);
  const letters = { guest: "G", identity: "I", neither: "." } as const;
  const marks = { nothing: "-", close: "x", stay: "=" } as const;
  const actual = statuses.map((guest) =>
    statuses.map((identity) => {
      const { better, other } = judge(guest, identity);
      return `${letters[better]}${marks[other]}`;
    }),
  );
  expect(actual).toEqual(rows);
}

const queue = (guest: QueueStanding, identity: QueueStanding): Verdict => judgeMeeting({ mechanism: "queue", distributionId: "queue_a", guest, identity });
const draw = (guest: DrawStanding, identity: DrawStanding): Verdict => judgeMeeting({ mechanism: "draw", distributionId: "draw_a", guest, identity });

const queueStandings: Readonly<Record<QueueStanding["status"], QueueStanding>> = {
  none: { status: "none" },
  waiting: { status: "waiting", place: 7 },
  admitted: { status: "admitted", expiresAt: 1_000 },
  held: { status: "held" },
  completed: { status: "completed" },
};
const drawStandings: Readonly<Record<DrawStanding["status"], DrawStanding>> = {
  none: { status: "none" },
  entered: { status: "entered", weight: 1, ticket: 7 },
  listed: { status: "listed", ticket: 7 },
  admitted: { status: "admitted", expiresAt: 1_000 },
  held: { status: "held" },
  completed: { status: "completed" },
};

test("in a queue what is further on is kept; what waits or may be used is given up; what a shop holds or sold stays", () => {
  const statuses = Object.keys(queueStandings) as QueueStanding["status"][];
  expectTable(
    statuses,
    `
    .-  I-  I-  I-  I-
    G-  Ix  Ix  Ix  Ix
    G-  Gx  Ix  Ix  Ix
    G-  Gx  Gx  I=  I=
    G-  Gx  Gx  G=  I=
    `,
    (guest, identity) => queue(queueStandings[guest], queueStandings[identity]),
  );
});

test("in a draw an entry of an open list is given up, and one of a closed list stays where it was promised", () => {
  const statuses = Object.keys(drawStandings) as DrawStanding["status"][];
  expectTable(
    statuses,
    `
    .-  I-  I-  I-  I-  I-
    G-  Ix  Ix  Ix  Ix  Ix
    G-  Gx  I=  I=  I=  I=
    G-  Gx  G=  Ix  Ix  Ix
    G-  Gx  G=  Gx  I=  I=
    G-  Gx  G=  Gx  G=  I=
    `,
    (guest, identity) => draw(drawStandings[guest], drawStandings[identity]),
  );
});

test("equals are told apart: the lower place, the grant that lasts longer, the entry that counts more often or came earlier; else the identity's own", () => {
  const guestWins = { better: "guest", other: "close" };
  expect(queue({ status: "waiting", place: 6 }, { status: "waiting", place: 7 })).toEqual(guestWins);
  expect(queue({ status: "waiting", place: 8 }, { status: "waiting", place: 7 })).toEqual({ better: "identity", other: "close" });
  expect(queue({ status: "admitted", expiresAt: 1_001 }, queueStandings.admitted)).toEqual(guestWins);
  expect(queue({ status: "admitted", expiresAt: 999 }, queueStandings.admitted)).toEqual({ better: "identity", other: "close" });
  expect(draw({ status: "entered", weight: 2, ticket: 9 }, drawStandings.entered)).toEqual(guestWins);
  expect(draw({ status: "entered", weight: 1, ticket: 6 }, drawStandings.entered)).toEqual(guestWins);
  expect(draw({ status: "entered", weight: 1, ticket: 8 }, drawStandings.entered)).toEqual({ better: "identity", other: "close" });
  expect(draw({ status: "listed", ticket: 6 }, drawStandings.listed)).toEqual({ better: "guest", other: "stay" });
  expect(draw({ status: "admitted", expiresAt: 1_001 }, drawStandings.admitted)).toEqual(guestWins);
});

test("the consumer is told what came from the guest and where its own was kept, and not what it had alone", () => {
  const meetings: readonly Meeting[] = [
    { mechanism: "queue", distributionId: "moved", guest: { status: "waiting", place: 1 }, identity: { status: "none" } },
    { mechanism: "queue", distributionId: "kept", guest: { status: "waiting", place: 9 }, identity: { status: "waiting", place: 1 } },
    { mechanism: "draw", distributionId: "own", guest: { status: "none" }, identity: { status: "listed", ticket: 1 } },
  ];
  expect(outcomeOfMerge("guest", planMerge(meetings))).toEqual({
    kind: "merged",
    fromConsumerId: "guest",
    moved: [{ mechanism: "queue", distributionId: "moved" }],
    kept: [{ mechanism: "queue", distributionId: "kept" }],
  });
});

test("nobody can be in what has no mechanism yet", () => {
  expect(() => planMerge([{ mechanism: "auction", distributionId: "auction_a", guest: undefined as never, identity: undefined as never }])).toThrow(
    "Nobody can take part",
  );
});
