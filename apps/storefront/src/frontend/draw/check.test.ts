import { describe, expect, test } from "vitest";
import { areSigned, checkDraw, statementsOf } from "./check.ts";
import { makeDraw } from "./evidence.test.fixture.ts";

const draw = makeDraw();
const loser = [1, 2, 3, 4, 5].find((ticket) => !draw.winners.includes(ticket))!;
const winner = draw.winners[0]!;
const evidenceOf = (ticket: number) => ({
  transcript: draw.transcript as unknown,
  proof: draw.proof(ticket) as unknown,
  receipt: draw.receipt(ticket) as unknown,
  consumerIds: [draw.consumerId(ticket)],
});

describe("a draw that was made as promised", () => {
  test("holds for its winner, its loser and a stranger, each with what follows for them", () => {
    expect(checkDraw(evidenceOf(winner))).toMatchObject({
      holds: true,
      receipt: true,
      entry: { ticket: winner, included: true, outcome: "won", agrees: true },
    });
    expect(checkDraw(evidenceOf(loser))).toMatchObject({ holds: true, receipt: true, entry: { ticket: loser, outcome: "not_selected", agrees: true } });
    const stranger = checkDraw({ transcript: draw.transcript, proof: null, receipt: null, consumerIds: [] });
    expect(stranger).toMatchObject({ holds: true, entry: null, winners: draw.winners });
    expect(stranger.checks.map(({ holds }) => holds)).not.toContain(false);
  });

  test("is signed, statement for statement, and a signature by another key is seen", async () => {
    const statements = statementsOf(evidenceOf(winner));
    expect(statements).toHaveLength(4);
    expect(await areSigned(statements, draw.keys)).toBe(true);
    expect(await areSigned(statements, makeDraw().keys)).toBe(false);
    expect(await areSigned([{ ...statements[0]!, text: `${statements[0]!.text} ` }], draw.keys)).toBe(false);
    expect(await areSigned([], draw.keys)).toBe(false);
  });
});

describe("a draw that was not", () => {
  const { transcript } = draw;
  const result = JSON.parse(transcript.result!.text) as { winners: number[] };
  const withWinners = { ...transcript, result: { ...transcript.result!, text: JSON.stringify({ ...result, winners: [loser, ...result.winners.slice(1)] }) } };

  test.each([
    ["names somebody else as a winner", withWinners],
    ["leaves an entry out", { ...transcript, entries: transcript.entries.slice(1) }],
    ["swaps two entries", { ...transcript, entries: [transcript.entries[1]!, transcript.entries[0]!, ...transcript.entries.slice(2)] }],
    ["has no result", { ...transcript, result: null }],
    ["is no transcript at all", "nonsense"],
  ])("does not hold when it %s", (_name, forged) => {
    expect(checkDraw({ ...evidenceOf(loser), transcript: forged }).holds).toBe(false);
  });

  test("a list that put another entry in place of the one on the receipt does not hold for its owner", () => {
    const other = makeDraw({ entrants: 6 });
    const finding = checkDraw({
      transcript: other.transcript,
      proof: other.proof(2),
      receipt: { ...draw.receipt(3), ticket: 2 },
      consumerIds: [draw.consumerId(3)],
    });
    expect(finding).toMatchObject({ holds: false, receipt: false, entry: { included: true } });
  });

  test("an entry that was taken and is not on the list does not hold, though the service proves nothing of it", () => {
    const other = makeDraw({ entrants: 3 });
    const left = { transcript: other.transcript, proof: null, receipt: draw.receipt(4), consumerIds: [draw.consumerId(4)] };
    expect(checkDraw(left)).toMatchObject({ holds: false, receipt: false, entry: null });
    expect(checkDraw({ ...left, transcript: draw.transcript })).toMatchObject({ holds: true, receipt: true, entry: null });
  });

  test("proof of an entry that the root does not bear out does not hold", () => {
    const proof = { ...draw.proof(loser), ticket: winner };
    expect(checkDraw({ ...evidenceOf(loser), proof })).toMatchObject({ holds: false, entry: { included: false, outcome: null } });
  });

  test("a receipt that a guest was given is theirs still when they have become somebody else", () => {
    const evidence = evidenceOf(loser);
    expect(checkDraw({ ...evidence, consumerIds: ["01936d6e-0000-7000-8000-ffffffffffff", ...evidence.consumerIds] })).toMatchObject({
      holds: true,
      receipt: true,
    });
  });

  test("a receipt of somebody else, or a broken one, is not this consumer's", () => {
    expect(checkDraw({ ...evidenceOf(loser), consumerIds: [draw.consumerId(winner)] }).receipt).toBe(false);
    expect(checkDraw({ ...evidenceOf(loser), receipt: { drawId: "draw_bowl" } }).receipt).toBe(false);
    expect(checkDraw({ ...evidenceOf(loser), receipt: null })).toMatchObject({ holds: true, receipt: null });
  });
});
