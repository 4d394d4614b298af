import { describe, expect, test } from "vitest";
import { refOf, writeEntry } from "./entry.ts";
import { toHex } from "./hex.ts";
import { agreesWithKept } from "./kept.ts";
import { hashLeaves, pathOf, rootOf } from "./merkle.ts";
import { writePath } from "./personal.ts";
import type { Receipt } from "./personal.ts";
import { hashOfText, readClosing } from "./statements.ts";
import type { Commitment } from "./statements.ts";
import { listOf, makeDraw, unsigned, writeTranscript } from "./testing/make-transcript.ts";

const consumerId = "0193b3c0-0000-7000-8000-00000000002a";
const salt = new Uint8Array(16).fill(3);
const draw = makeDraw("kept", 20);
draw.entries.splice(
  0,
  2,
  { ref: refOf({ ticket: 1, salt, consumerId }), weight: 1, class: "entered" },
  { ref: new Uint8Array(32).fill(7), weight: 1, class: "withdrawn" },
);
const transcript = writeTranscript(draw);
const [first] = transcript.commitments;
const commitment = hashOfText(first?.text ?? "");

function receiptOf(change: Partial<Receipt> = {}, told: object = {}): Receipt {
  const entries = listOf(draw.entries.slice(0, 2).map((entry) => ({ ...entry, class: "entered" })));
  const leaves = hashLeaves(entries, 35);
  const batch = { format: "fanfare-draw-receipt/1", drawId: transcript.drawId, commitment, receivedAt: "2026-11-22T10:30:00.000Z", firstTicket: 1, count: 2 };
  const entry = toHex(writeEntry({ ref: refOf({ ticket: 1, salt, consumerId }), weight: 1, class: "entered" }));
  const path = writePath(pathOf(leaves, 0));
  return {
    drawId: transcript.drawId,
    entry,
    ticket: 1,
    salt: toHex(salt),
    batch: unsigned({ ...batch, root: toHex(rootOf(leaves)), ...told }),
    path,
    ...change,
  };
}

test("a receipt agrees with the list that has its entry at its ticket, whoever holds it up, and for its owner by name", () => {
  expect(agreesWithKept(receiptOf(), transcript)).toBe(true);
  expect(agreesWithKept(receiptOf(), transcript, consumerId)).toBe(true);
  expect(agreesWithKept(receiptOf(), transcript, "0193b3c0-0000-7000-8000-00000000002b")).toBe(false);
});

test("an entry that was excluded since is still the receipt's; one that was replaced, moved or left out is not", () => {
  const withFirst = (entry: string | undefined) => ({ ...transcript, entries: [...(entry === undefined ? [] : [entry]), ...transcript.entries.slice(1)] });
  const [entry = ""] = transcript.entries;
  expect(agreesWithKept(receiptOf(), withFirst(`${entry.slice(0, 68)}03`))).toBe(true);
  expect(agreesWithKept(receiptOf(), withFirst(`00${entry.slice(2)}`))).toBe(false);
  expect(agreesWithKept(receiptOf(), withFirst(undefined))).toBe(false);
  expect(agreesWithKept(receiptOf(), { ...transcript, entries: [] })).toBe(false);
});

test("a receipt under rules that the draw never made, or made only later, or of another draw, does not agree", () => {
  expect(agreesWithKept(receiptOf({}, { commitment: "00".repeat(32) }), transcript)).toBe(false);
  expect(agreesWithKept(receiptOf({}, { receivedAt: "2026-11-22T08:59:59.999Z" }), transcript)).toBe(false);
  expect(agreesWithKept(receiptOf({ drawId: "draw_other" }), transcript)).toBe(false);
  expect(agreesWithKept(receiptOf({ path: "" }), transcript)).toBe(false);
});

test("a weight that was changed since the receipt, up or down, does not agree", () => {
  const weighing = (weight: number) => ({
    ...transcript,
    entries: transcript.entries.map((entry, at) => (at === 0 ? `${entry.slice(0, 64)}000${weight}00` : entry)),
  });
  expect(agreesWithKept(receiptOf(), weighing(1))).toBe(true);
  expect(agreesWithKept(receiptOf(), weighing(2))).toBe(false);
});

describe("what was dated back shows in a receipt of the time between:", () => {
  const [rules] = draw.commitments as [Commitment];
  /** A draw of one commitment and perhaps a further one, told after the fact. */
  const toldWith = (further: Partial<Commitment>[], closedAt = draw.closedAt, first = rules) => {
    const later = further.map((change) => ({ ...first, ...change, previous: hashOfText(JSON.stringify(first)) }));
    return writeTranscript({ ...draw, commitments: [first, ...later], closedAt, lapses: [] });
  };
  const receivedAt = "2026-11-22T11:30:00.000Z";

  test("another time, or another round of the beacon, that the receipt's rules knew nothing of", () => {
    expect(agreesWithKept(receiptOf({}, { receivedAt }), toldWith([]))).toBe(true);
    expect(agreesWithKept(receiptOf({}, { receivedAt }), toldWith([{ committedAt: "2026-11-22T11:00:00.000Z" }]))).toBe(false);
    expect(agreesWithKept(receiptOf({}, { receivedAt }), toldWith([{ committedAt: "2026-11-22T11:45:00.000Z" }]))).toBe(true);
  });

  test("a closing before entries were still taken", () => {
    expect(agreesWithKept(receiptOf({}, { receivedAt }), toldWith([], "2026-11-22T11:00:00.000Z"))).toBe(false);
    expect(agreesWithKept(receiptOf({}, { receivedAt }), toldWith([], "2026-11-22T12:00:00.000Z"))).toBe(true);
  });

  test("an opening after entries were taken already; clocks that differ by less than a minute are no lie", () => {
    const late = { ...rules, opensAt: "2026-11-22T11:40:00.000Z" };
    const named = { receivedAt, commitment: hashOfText(JSON.stringify(late)) };
    expect(agreesWithKept(receiptOf({}, named), toldWith([], draw.closedAt, late))).toBe(false);
    expect(agreesWithKept(receiptOf({}, { receivedAt }), toldWith([{ committedAt: "2026-11-22T11:29:30.000Z" }]))).toBe(true);
  });

  test("a receipt of a time that is none agrees with nothing", () => {
    expect(agreesWithKept(receiptOf({}, { receivedAt: "2026-99-99T99:99:99.999Z" }), transcript)).toBe(false);
    expect(agreesWithKept(receiptOf({}, { receivedAt: 7 }), transcript)).toBe(false);
  });
});

test("the draw as it was, any of its statements, or an earlier transcript agrees with what only became more", () => {
  const root = readClosing(transcript.closing?.text ?? "")?.root ?? null;
  const told = { id: transcript.drawId, commitment: { hash: commitment }, root: null };
  expect(agreesWithKept(told, transcript)).toBe(true);
  expect(agreesWithKept({ ...told, root }, transcript)).toBe(true);
  expect(agreesWithKept({ ...told, root: "00".repeat(32) }, transcript)).toBe(false);
  expect(agreesWithKept({ ...told, commitment: { hash: "00".repeat(32) } }, transcript)).toBe(false);
  for (const statement of [...transcript.commitments, transcript.closing, transcript.result, ...transcript.continuations])
    expect(agreesWithKept(statement, transcript)).toBe(true);
  expect(agreesWithKept(unsigned({ hello: 1 }), transcript)).toBe(false);
  expect(agreesWithKept({ ...transcript, result: null, continuations: undefined }, transcript)).toBe(true);
  expect(agreesWithKept(transcript, { ...transcript, result: unsigned({ another: "result" }) })).toBe(false);
});

test.each([null, undefined, 7, "text", [], {}, { batch: 1 }, { commitment: {} }])("what nobody can have kept of a draw (%#) is told as such", (value) => {
  expect(agreesWithKept(value, transcript)).toBeNull();
});
