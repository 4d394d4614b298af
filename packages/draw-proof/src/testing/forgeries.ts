import { writeEntry } from "../entry.ts";
import { toHex } from "../hex.ts";
import { hashOfText } from "../statements.ts";
import type { Commitment, Continuation, Result } from "../statements.ts";
import type { Transcript } from "../transcript.ts";
import { unsigned, writeTranscript } from "./make-transcript.ts";
import type { MadeDraw } from "./make-transcript.ts";

/** One way to cheat, and the checks that must see it. */
export interface Forgery {
  readonly name: string;
  readonly forge: (draw: MadeDraw) => Transcript;
  readonly caughtBy: readonly string[];
}

/** The transcript of an honest draw with its list changed after the root was published. */
function withEntries(draw: MadeDraw, change: (entries: string[]) => void): Transcript {
  const honest = writeTranscript(draw);
  const entries = [...honest.entries];
  change(entries);
  return { ...honest, entries };
}

/** The same draw with its first commitment rewritten, and everything that follows from it made to fit. */
function withCommitment(draw: MadeDraw, change: Partial<Commitment>): Transcript {
  const [first, ...rest] = draw.commitments;
  return writeTranscript({ ...draw, commitments: [{ ...(first as Commitment), ...change }, ...rest] });
}

/** The same draw with a commitment added after the first, and everything that follows from it made to fit. */
function withChange(draw: MadeDraw, change: Partial<Commitment>): Transcript {
  const [first] = draw.commitments as [Commitment];
  return writeTranscript({ ...draw, commitments: [first, { ...first, ...change, previous: hashOfText(JSON.stringify(first)) }] });
}

const lapse = { at: "2026-11-22T15:00:00.000Z", ended: 2, withdrawn: 0 };

/** The same draw with two wins given on, told otherwise than it was. */
function withContinuation(draw: MadeDraw, change: (told: Continuation) => Continuation): Transcript {
  const going = draw.commitments.map((commitment) => ({ ...commitment, continueSelecting: true }));
  const commitments = going.map((commitment, at) => ({ ...commitment, previous: at === 0 ? null : hashOfText(JSON.stringify(going[at - 1])) }));
  const honest = writeTranscript({ ...draw, commitments, lapses: [lapse] });
  const [told] = honest.continuations;
  return { ...honest, continuations: told === undefined ? [] : [unsigned(change(JSON.parse(told.text) as Continuation))] };
}

/** The same draw, promised to a round of a beacon, with a commitment added after the first. */
function withPromise(draw: MadeDraw, change: Partial<Commitment>): Transcript {
  const [first] = draw.commitments as [Commitment];
  const beacon = { chainHash: "00".repeat(32), round: 7, at: "2026-11-22T12:45:00.000Z" };
  const signed = { ...draw, beaconSignature: new Uint8Array(48).fill(1) };
  return withChange({ ...signed, commitments: [{ ...first, beacon }] }, { ...change });
}

/** The transcript of an honest draw with its result told otherwise. */
function withResult(draw: MadeDraw, change: (told: Result) => Partial<Result>): Transcript {
  const honest = writeTranscript(draw);
  const told = JSON.parse(honest.result?.text ?? "") as Result;
  return { ...honest, result: unsigned({ ...told, ...change(told) }) };
}

/** The same draw, its first commitment written otherwise, where that is the one in force. */
function withText(draw: MadeDraw, write: (text: string) => string): Transcript {
  const honest = writeTranscript(draw);
  return { ...honest, commitments: honest.commitments.map((one) => ({ ...one, text: write(one.text) })) };
}

const flip = (text: string, at: number): string => text.slice(0, at) + (text[at] === "0" ? "1" : "0") + text.slice(at + 1);

/** Every way to cheat that a verifier must catch, in whatever language it is written. */
export const forgeries: readonly Forgery[] = [
  { name: "a changed seed", forge: (draw) => writeTranscript({ ...draw, seed: new Uint8Array(32).fill(9) }), caughtBy: ["seed"] },
  {
    name: "an added entry",
    forge: (draw) => withEntries(draw, (entries) => entries.push(toHex(new Uint8Array(35).fill(0).fill(1, 33, 34)))),
    caughtBy: ["list_complete"],
  },
  { name: "a removed entry", forge: (draw) => withEntries(draw, (entries) => entries.splice(3, 1)), caughtBy: ["list_complete"] },
  { name: "an altered entry", forge: (draw) => withEntries(draw, (entries) => entries.splice(3, 1, flip(entries[3] ?? "", 11))), caughtBy: ["list_complete"] },
  {
    name: "a reordered list",
    forge: (draw) => withEntries(draw, (entries) => entries.splice(0, Infinity, ...entries.toReversed())),
    caughtBy: ["list_complete"],
  },
  {
    name: "a wrong winner",
    forge: (draw) => {
      const honest = writeTranscript(draw);
      const result = JSON.parse(honest.result?.text ?? "") as Result;
      const stranger = draw.entries.findIndex((_, index) => !result.winners.includes(index + 1)) + 1;
      return { ...honest, result: unsigned({ ...result, winners: [...result.winners.slice(0, -1), stranger] }) };
    },
    caughtBy: ["winners"],
  },
  { name: "a late commitment", forge: (draw) => withCommitment(draw, { committedAt: "2026-11-22T10:00:00.001Z" }), caughtBy: ["rules_first"] },
  {
    name: "a wrong weight",
    forge: (draw) =>
      withEntries(draw, (entries) => entries.splice(0, 1, toHex(writeEntry({ ...(draw.entries[0] as MadeDraw["entries"][number]), weight: 3 })))),
    caughtBy: ["list_complete"],
  },
  {
    name: "a weight beyond the rules, under a root that fits",
    forge: (draw) => writeTranscript({ ...draw, entries: draw.entries.map((entry, index) => (index === 0 ? { ...entry, weight: 4 } : entry)) }),
    caughtBy: ["weights"],
  },
  {
    name: "a hidden exclusion",
    forge: (draw) => withEntries(draw, (entries) => entries.splice(4, 1, `${(entries[4] ?? "").slice(0, 68)}00`)),
    caughtBy: ["list_complete"],
  },
  {
    name: "an exclusion without a known class, under a root that fits",
    forge: (draw) => {
      const honest = writeTranscript(draw);
      return { ...honest, entries: honest.entries.map((entry, index) => (index === 4 ? `${entry.slice(0, 68)}2a` : entry)) };
    },
    caughtBy: ["weights", "list_complete"],
  },
  {
    name: "one entry under two tickets",
    forge: (draw) => writeTranscript({ ...draw, entries: [...draw.entries, draw.entries[0] as MadeDraw["entries"][number]] }),
    caughtBy: ["winners"],
  },
  {
    name: "more winners promised once entries are open",
    forge: (draw) => withChange(draw, { committedAt: "2026-11-22T11:00:00.000Z", winnerCount: 6 }),
    caughtBy: ["rules_kept"],
  },
  {
    name: "another seed promised on the way",
    forge: (draw) => withChange(draw, { committedAt: "2026-11-22T09:30:00.000Z", seedHash: "00".repeat(32) }),
    caughtBy: ["rules_kept", "seed"],
  },
  {
    name: "a closing time moved once the list was closed",
    forge: (draw) => withChange(draw, { committedAt: "2026-11-22T12:50:00.000Z", closesAt: "2026-11-22T12:55:00.000Z" }),
    caughtBy: ["rules_kept"],
  },
  {
    name: "rules changed behind a closing, because entries claim to open after it",
    forge: (draw) => {
      const [first] = draw.commitments as [Commitment];
      const early = { ...first, opensAt: "2026-12-31T10:00:00.000Z" };
      const late = { ...early, committedAt: "2026-11-22T12:50:00.000Z", winnerCount: 6, previous: hashOfText(JSON.stringify(early)) };
      const honest = writeTranscript({ ...draw, commitments: [early, late] });
      const closing = { ...(JSON.parse(honest.closing?.text ?? "") as object), commitment: hashOfText(JSON.stringify(early)) };
      const result = { ...(JSON.parse(honest.result?.text ?? "") as Result), closing: hashOfText(JSON.stringify(closing)) };
      return { ...honest, closing: unsigned(closing), result: unsigned(result), continuations: [] };
    },
    caughtBy: ["list_closed"],
  },
  {
    name: "another weighting once entries are open",
    forge: (draw) => withChange(draw, { committedAt: "2026-11-22T11:00:00.000Z", weighting: { rule: "luck_balancing", maxWeight: 100 } }),
    caughtBy: ["rules_kept"],
  },
  {
    name: "wins given on, which the rules kept until entries were open",
    forge: (draw) => {
      const [first] = draw.commitments as [Commitment];
      const going = { ...draw, commitments: [{ ...first, continueSelecting: false }] };
      return withChange(going, { committedAt: "2026-11-22T11:00:00.000Z", continueSelecting: true });
    },
    caughtBy: ["rules_kept"],
  },
  {
    name: "a beacon dropped once entries are open",
    forge: (draw) => withPromise(draw, { committedAt: "2026-11-22T11:00:00.000Z", beacon: null }),
    caughtBy: ["rules_kept"],
  },
  {
    name: "a beacon's round chosen once the list was closed",
    forge: (draw) => {
      const later = { chainHash: "00".repeat(32), round: 8, at: "2026-11-22T12:48:00.000Z" };
      return withPromise(draw, { committedAt: "2026-11-22T12:40:00.000Z", beacon: later });
    },
    caughtBy: ["rules_kept"],
  },
  {
    name: "a list closed only when the beacon's round had come",
    forge: (draw) => withPromise({ ...draw, closedAt: "2026-11-22T12:45:00.000Z" }, { committedAt: "2026-11-22T11:00:00.000Z" }),
    caughtBy: ["beacon"],
  },
  {
    name: "one of two commitments left out",
    forge: (draw) => {
      const told = withChange(draw, { committedAt: "2026-11-22T11:00:00.000Z", closesAt: "2026-11-22T12:30:00.000Z" });
      return { ...told, commitments: told.commitments.slice(0, 1) };
    },
    caughtBy: ["list_closed"],
  },
  {
    name: "two commitments in another order",
    forge: (draw) => {
      const told = withChange(draw, { committedAt: "2026-11-22T11:00:00.000Z", closesAt: "2026-11-22T12:30:00.000Z" });
      return { ...told, commitments: told.commitments.toReversed() };
    },
    caughtBy: ["rules_first", "rules_kept"],
  },
  {
    name: "an entry excluded once the root was published",
    forge: (draw) => withEntries(draw, (entries) => entries.splice(0, 1, `${(entries[0] ?? "").slice(0, 68)}03`)),
    caughtBy: ["list_complete"],
  },
  {
    name: "winners in another order",
    forge: (draw) => withResult(draw, ({ winners }) => ({ winners: winners.toReversed() })),
    caughtBy: ["winners"],
  },
  { name: "a winner too few", forge: (draw) => withResult(draw, ({ winners }) => ({ winners: winners.slice(1) })), caughtBy: ["winners"] },
  {
    name: "a result that belongs to another closing",
    forge: (draw) => withResult(draw, () => ({ closing: "00".repeat(32) })),
    caughtBy: ["seed"],
  },
  {
    name: "a statement of another draw",
    forge: (draw) => withResult(draw, () => ({ drawId: "draw_other" })),
    caughtBy: ["form"],
  },
  {
    name: "a rule that is told twice, so that readers differ",
    forge: (draw) => withText(draw, (text) => text.replace('"winnerCount"', '"winnerCount":1,"winnerCount"')),
    caughtBy: ["form"],
  },
  {
    name: "a number that only some readers take for one",
    forge: (draw) => withText(draw, (text) => text.replace(/"winnerCount":(\d+)/, '"winnerCount":$1.0')),
    caughtBy: ["form"],
  },
  { name: "a commitment that hides the one before it", forge: (draw) => withCommitment(draw, { previous: "00".repeat(32) }), caughtBy: ["rules_first"] },
  { name: "a list closed before its time", forge: (draw) => writeTranscript({ ...draw, closedAt: "2026-11-22T11:59:59.999Z" }), caughtBy: ["list_closed"] },
  { name: "a draw made before its time", forge: (draw) => writeTranscript({ ...draw, drawnAt: "2026-11-22T12:59:59.999Z" }), caughtBy: ["seed"] },
  {
    name: "a beacon that nobody promised",
    forge: (draw) => writeTranscript({ ...draw, beaconSignature: new Uint8Array(48).fill(1) }),
    caughtBy: ["beacon"],
  },
  {
    name: "a win given on where the rules keep it",
    forge: (draw) => withCommitment({ ...draw, lapses: [lapse] }, { continueSelecting: false }),
    caughtBy: ["continued"],
  },
  {
    name: "a win given on to another than the next",
    forge: (draw) => withContinuation(draw, ({ winners, ...told }) => ({ ...told, winners: winners.toReversed() })),
    caughtBy: ["continued"],
  },
  {
    name: "a win given on to a friend, with the friend's score",
    forge: (draw) => withContinuation(draw, (told) => ({ ...told, winners: [...told.winners.slice(0, -1), 1_000_000] })),
    caughtBy: ["continued"],
  },
  {
    name: "more wins given on than had ended",
    forge: (draw) => withContinuation(draw, (told) => ({ ...told, unclaimed: told.unclaimed.slice(1) })),
    caughtBy: ["continued"],
  },
  {
    name: "the end of a win that nobody had",
    forge: (draw) => withContinuation(draw, (told) => ({ ...told, unclaimed: [...told.unclaimed, told.winners[0] as number] })),
    caughtBy: ["continued"],
  },
  {
    name: "a win that ended twice",
    forge: (draw) => withContinuation(draw, (told) => ({ ...told, withdrawn: told.unclaimed })),
    caughtBy: ["continued"],
  },
  {
    name: "a continuation that hides the one before it",
    forge: (draw) => {
      const honest = writeTranscript({
        ...draw,
        lapses: [
          { ...lapse, ended: 1 },
          { ...lapse, ended: 1 },
        ],
      });
      return { ...honest, continuations: honest.continuations.slice(1) };
    },
    caughtBy: ["continued"],
  },
];
