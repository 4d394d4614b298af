import { describe, expect, test } from "vitest";
import { verifyBeacon } from "./beacon/drand.ts";
import { writeEntry } from "./entry.ts";
import type { Entry } from "./entry.ts";
import { fromHex, toHex } from "./hex.ts";
import type { Commitment, Result } from "./statements.ts";
import { forgeries } from "./testing/forgeries.ts";
import { makeDraw, unsigned, writeTranscript } from "./testing/make-transcript.ts";
import type { MadeDraw } from "./testing/make-transcript.ts";
import { verifyTranscript } from "./verify.ts";

const failing = (value: unknown): string[] =>
  verifyTranscript(value, { verifyBeacon })
    .checks.filter(({ holds }) => holds !== true)
    .map(({ name }) => name);

/** A draw of a known form: twelve who take part, weights 1 to 3, one excluded, five winners, no beacon. */
function plainDraw(): MadeDraw {
  const draw = makeDraw("plain");
  const [first] = draw.commitments;
  if (first === undefined) throw new Error("A draw has a commitment.");
  draw.commitments.splice(0, Infinity, { ...first, winnerCount: 5, weighting: { rule: "luck_balancing", maxWeight: 3 }, previous: null });
  const entries = Array.from({ length: 13 }, (_, index): Entry => ({
    ref: writeEntry({ ref: new Uint8Array(32).fill(index + 1), weight: 1, class: "entered" }).subarray(0, 32),
    weight: 1 + (index % 3),
    class: index === 4 ? "automated" : "entered",
  }));
  draw.entries.splice(0, Infinity, ...entries);
  return draw;
}

describe("the transcript of an honest draw", () => {
  test("holds, whatever was entered and however it was moved in public", () => {
    for (let i = 0; i < 100; i++) expect(failing(writeTranscript(makeDraw(`honest${i}`)))).toEqual([]);
  });

  test("holds with nobody in it", () => {
    const draw = plainDraw();
    draw.entries.length = 0;
    expect(failing(writeTranscript(draw))).toEqual([]);
  });

  test("holds under a beacon round whose recorded signature is genuine, and not under another's", () => {
    const draw = plainDraw();
    const beacon = { chainHash: "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971", round: 657_413, at: "2023-09-15T11:00:03.000Z" };
    const times = { committedAt: "2023-09-14T10:00:00.000Z", opensAt: "2023-09-14T11:00:00.000Z", closesAt: "2023-09-15T09:00:00.000Z" };
    draw.commitments[0] = { ...(draw.commitments[0] as Commitment), ...times, drawsAt: "2023-09-15T11:00:00.000Z", beacon };
    draw.closedAt = "2023-09-15T09:00:00.000Z";
    draw.drawnAt = "2023-09-15T11:00:04.000Z";
    draw.beaconSignature = fromHex("b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be41076862b98fad56e91a6b85b89cd97b", 48);
    expect(failing(writeTranscript(draw))).toEqual([]);
    expect(verifyTranscript(writeTranscript(draw)).checks.find(({ name }) => name === "beacon")?.holds).toBeNull();

    draw.closedAt = "2023-09-15T11:00:03.000Z";
    expect(failing(writeTranscript(draw))).toEqual(["beacon"]);
    draw.closedAt = "2023-09-15T09:00:00.000Z";
    draw.beaconSignature = fromHex("a713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be41076862b98fad56e91a6b85b89cd97b", 48);
    expect(failing(writeTranscript(draw))).toEqual(["beacon"]);
  });
});

describe("a forged transcript fails where it was forged:", () => {
  test.each(forgeries)("$name", ({ forge, caughtBy }) => {
    const draw = plainDraw();
    expect(failing(writeTranscript(draw))).toEqual([]);
    expect(failing(forge(draw))).toEqual(expect.arrayContaining([...caughtBy]));
  });

  test("winner and cutoff are both recomputed", () => {
    const honest = writeTranscript(plainDraw());
    const result = JSON.parse(honest.result?.text ?? "") as Result;
    expect(failing({ ...honest, result: unsigned({ ...result, cutoff: toHex(new Uint8Array(32)) }) })).toEqual(["winners"]);
  });

  test.each([undefined, null, 7, "text", [], {}, { format: "fanfare-draw-transcript/1" }, { ...writeTranscript(plainDraw()), commitments: [{ text: "{" }] }])(
    "what is no transcript (%#) is told as such and raises nothing",
    (value) => {
      expect(failing(value)).toEqual(["form"]);
    },
  );

  test("a draw that is not made yet is not a draw that holds", () => {
    expect(failing({ ...writeTranscript(plainDraw()), result: null })).toEqual(["form"]);
  });
});
