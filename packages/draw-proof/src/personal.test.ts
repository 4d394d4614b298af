import { describe, expect, test } from "vitest";
import { refOf, writeEntry } from "./entry.ts";
import type { Entry } from "./entry.ts";
import { toHex } from "./hex.ts";
import { hashLeaves, pathOf, rootOf } from "./merkle.ts";
import { readProof, verifyEntry, verifyReceipt, writePath } from "./personal.ts";
import type { InclusionProof, Receipt } from "./personal.ts";
import { readClosing, readResult } from "./statements.ts";
import { listOf, makeDraw, unsigned, writeTranscript } from "./testing/make-transcript.ts";
import type { Transcript } from "./transcript.ts";

function publishedOf(transcript: Transcript) {
  const closingText = transcript.closing?.text ?? "";
  const closing = readClosing(closingText);
  const result = readResult(transcript.result?.text ?? "");
  if (closing === null || result === null) throw new Error("A made transcript has both.");
  return { closing, closingText, result };
}

function proofOf(transcript: Transcript, entries: readonly Entry[], ticket: number): InclusionProof {
  const path = writePath(pathOf(hashLeaves(listOf(entries), 35), ticket - 1));
  return { drawId: transcript.drawId, entry: transcript.entries[ticket - 1] ?? "", ticket, entries: entries.length, path };
}

describe("the proof of one entry", () => {
  test("says without the list what the list says: won, not selected, or taking no part", () => {
    const draw = makeDraw("personal12");
    const transcript = writeTranscript(draw);
    const published = publishedOf(transcript);
    const outcomes = draw.entries.map((entry, index) => {
      const verdict = verifyEntry(proofOf(transcript, draw.entries, index + 1), published);
      const listed = published.result.winners.includes(index + 1);
      expect(verdict).toEqual({ included: true, outcome: entry.class === "entered" ? (listed ? "won" : "not_selected") : "excluded", agrees: true });
      return verdict.outcome;
    });
    expect(new Set(outcomes)).toEqual(new Set(["won", "not_selected", "excluded"]));
  });

  test("fails for another ticket, another list and an altered entry", () => {
    const draw = makeDraw("personal12");
    const transcript = writeTranscript(draw);
    const published = publishedOf(transcript);
    const proof = proofOf(transcript, draw.entries, 3);
    expect(verifyEntry({ ...proof, ticket: 4 }, published).included).toBe(false);
    expect(verifyEntry({ ...proof, entries: proof.entries - 1 }, published).included).toBe(false);
    expect(verifyEntry({ ...proof, entry: `${proof.entry.slice(0, 68)}01` }, published).included).toBe(false);
    expect(verifyEntry({ ...proof, path: "!" }, published).included).toBe(false);
  });

  test("tells when a published result leaves a winner out", () => {
    const draw = makeDraw("personal12");
    const transcript = writeTranscript(draw);
    const published = publishedOf(transcript);
    const [winner = 0, ...others] = published.result.winners;
    const verdict = verifyEntry(proofOf(transcript, draw.entries, winner), { ...published, result: { ...published.result, winners: others } });
    expect(verdict).toEqual({ included: true, outcome: "won", agrees: false });
  });

  test("of a million entries is a kilobyte", () => {
    const path = writePath(Array.from({ length: 20 }, () => new Uint8Array(32).fill(255)));
    const proof = { drawId: "draw_01kbyxvkkaexxr4jdw0zqshv3b", entry: "f".repeat(70), ticket: 1_000_000, entries: 1_000_000, path };
    expect(readProof(proof)).toEqual(proof);
    expect(JSON.stringify(proof).length).toBeLessThanOrEqual(1024);
  });
});

describe("a receipt", () => {
  const consumerId = "0193b3c0-0000-7000-8000-00000000002a";
  const salt = new Uint8Array(16).fill(7);
  const entries = [41, 42, 43].map((ticket): Entry => ({ ref: refOf({ ticket, salt, consumerId }), weight: 1, class: "entered" }));
  const hashes = hashLeaves(listOf(entries), 35);
  const batch = {
    format: "fanfare-draw-receipt/1",
    drawId: "draw_a",
    commitment: "00".repeat(32),
    receivedAt: "2026-11-22T10:00:00.000Z",
    firstTicket: 41,
    count: 3,
    root: toHex(rootOf(hashes)),
  };
  const receipt: Receipt = {
    drawId: "draw_a",
    entry: toHex(writeEntry(entries[1] as Entry)),
    ticket: 42,
    salt: toHex(salt),
    batch: unsigned(batch),
    path: writePath(pathOf(hashes, 1)),
  };

  test("opens to its consumer, in its batch", () => {
    expect(verifyReceipt(receipt, consumerId)).toBe(true);
  });

  test("opens to nobody else, at no other ticket, with no other salt, in no other batch", () => {
    expect(verifyReceipt(receipt, "0193b3c0-0000-7000-8000-00000000002b")).toBe(false);
    expect(verifyReceipt({ ...receipt, ticket: 43 }, consumerId)).toBe(false);
    expect(verifyReceipt({ ...receipt, salt: "00".repeat(16) }, consumerId)).toBe(false);
    expect(verifyReceipt({ ...receipt, drawId: "draw_b" }, consumerId)).toBe(false);
    expect(verifyReceipt({ ...receipt, batch: unsigned({ ...batch, root: "00".repeat(32) }) }, consumerId)).toBe(false);
    expect(verifyReceipt({ ...receipt, batch: unsigned([]) }, "nobody")).toBe(false);
  });
});
