import { generateKeyPairSync, sign } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { entryBytes, hashLeaves, hashOfSeed, rankEntries, rankingKey, rootOf, toHex, writeEntry } from "@fanfare-io/fanfare-draw-proof";
import type { SignedStatement, Transcript } from "@fanfare-io/fanfare-draw-proof";
import { afterAll, expect, test } from "vitest";
import { writeClosing, writeCommitment, writeResult } from "../domain/draw-statements.ts";
import { verifyDraw } from "./verify-draw.ts";

const folder = mkdtempSync(join(tmpdir(), "fanfare-verify-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const signed = (text: string): SignedStatement => ({ text, signature: sign(null, Buffer.from(text), privateKey).toString("base64url"), keyId: "k1" });

/** A draw of four entries, as the service would write it. */
function makeTranscript(): Transcript {
  const at = Date.parse("2026-11-22T10:00:00.000Z");
  const seed = new Uint8Array(32).fill(4);
  const terms = { organizationId: "org_a", drawId: "draw_a", opensAt: at, closesAt: at + 1000, drawsAt: at + 2000, winnerCount: 2, maxWeight: 1 };
  const commitment = writeCommitment({ ...terms, continueSelecting: false, beacon: null, seedHash: toHex(hashOfSeed(seed)) }, at, null);
  const entries = [1, 2, 3, 4].map((ticket) => writeEntry({ ref: new Uint8Array(32).fill(ticket), weight: 1, class: "entered" }));
  const list = new Uint8Array(Buffer.concat(entries));
  const root = toHex(rootOf(hashLeaves(list, entryBytes)));
  const closing = writeClosing({ drawId: "draw_a", commitment, closedAt: at + 1000, entries: 4, root });
  const { tickets, scoreAt } = rankEntries(list, rankingKey(seed, null));
  const winners = [...tickets.subarray(0, 2)];
  const result = writeResult({ drawId: "draw_a", closing, drawnAt: at + 2000, seed: toHex(seed), beacon: null, winners, cutoff: toHex(scoreAt(1)) });
  return {
    format: "fanfare-draw-transcript/1",
    drawId: "draw_a",
    commitments: [signed(commitment)],
    closing: signed(closing),
    entries: entries.map((entry) => toHex(entry)),
    result: signed(result),
    continuations: [],
  };
}

function run(value: unknown, ...words: string[]): { readonly code: number; readonly lines: readonly string[] } {
  const path = join(folder, "transcript.json");
  writeFileSync(path, JSON.stringify(value));
  const lines: string[] = [];
  return { code: verifyDraw([path, ...words], (line) => lines.push(line)), lines };
}

function keysFile(kid: string): string {
  const path = join(folder, `${kid}.json`);
  writeFileSync(path, JSON.stringify({ keys: [{ ...publicKey.export({ format: "jwk" }), kid }] }));
  return path;
}

test("a draw that holds is told so check by check, and ends with 0", () => {
  const { code, lines } = run(makeTranscript(), "--keys", keysFile("k1"));
  expect(code).toBe(0);
  expect(lines).toHaveLength(11);
  expect(lines.slice(0, -1).every((line) => line.startsWith("ok   "))).toBe(true);
  expect(lines.at(-1)).toBe("This draw holds.");
});

test("without the service's keys it says that nobody knows whose word it is", () => {
  const { code, lines } = run(makeTranscript());
  expect([code, lines.at(-2)]).toEqual([0, "This draw holds."]);
  expect(lines.at(-1)).toContain("--keys");
});

test("a draw that was tampered with ends with 1, and the check that failed says so", () => {
  const transcript = makeTranscript();
  const { code, lines } = run({ ...transcript, entries: transcript.entries.toReversed() });
  expect(code).toBe(1);
  expect(lines.filter((line) => line.startsWith("FAIL ")).map((line) => line.slice(5, 60))).toContain(
    "The list is the one whose root was published. The entri",
  );
  expect(lines.at(-1)).toBe("This draw does not hold.");
});

test("what was kept from before is held against the transcript, and a closing that was replaced since is found out", () => {
  const transcript = makeTranscript();
  const kept = (value: unknown): string => {
    const path = join(folder, "kept.json");
    writeFileSync(path, JSON.stringify(value));
    return path;
  };
  expect(run(transcript, "--kept", kept(transcript.closing)).code).toBe(0);
  expect(run(transcript, "--kept", kept({ ...transcript, result: null })).code).toBe(0);
  const other = { ...transcript.closing, text: transcript.closing?.text.replace("10:00:01.000Z", "10:00:01.001Z") };
  expect(run(transcript, "--kept", kept(other))).toMatchObject({ code: 1 });
  expect(run(transcript, "--kept", kept({ ...transcript, closing: other, result: null }))).toMatchObject({ code: 1 });
  expect(() => run(transcript, "--kept", kept({ hello: 1 }))).toThrow("is no receipt");
});

test("statements by another key than the service's are found out", () => {
  expect(run(makeTranscript(), "--keys", keysFile("k2"), "--json")).toMatchObject({ code: 1 });
  const transcript = makeTranscript();
  const forged = { ...transcript, result: { ...transcript.result, text: transcript.result?.text.replace("org_a", "org_b"), signature: "AAAA" } };
  const told = JSON.parse(run(forged, "--keys", keysFile("k1"), "--json").lines[0] ?? "") as { checks: { name: string; holds: boolean }[] };
  expect(told.checks.find(({ name }) => name === "signatures")?.holds).toBe(false);
});

test("what is no transcript is told in a line", () => {
  expect(run({})).toMatchObject({ code: 1, lines: [expect.stringContaining("FAIL It is the transcript of a draw"), "This draw does not hold."] });
  expect(() => verifyDraw([join(folder, "none.json")], () => undefined)).toThrow("cannot be read as JSON");
  expect(() => verifyDraw([], () => undefined)).toThrow("Name one transcript");
});
