import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { refOf } from "./entry.ts";
import type { Entry } from "./entry.ts";
import { agreesWithKept } from "./kept.ts";
import type { Receipt } from "./personal.ts";
import { readResult } from "./statements.ts";
import type { ReceiptBatch } from "./statements.ts";
import { forgeries } from "./testing/forgeries.ts";
import { makeReceipt } from "./testing/make-receipt.ts";
import { createDice, entrantOf, makeDraw, writeTranscript } from "./testing/make-transcript.ts";
import type { MadeDraw } from "./testing/make-transcript.ts";
import type { Transcript } from "./transcript.ts";
import { verifyTranscript } from "./verify.ts";

// The same page, read twice: what the verifier in Python and ours do not agree on, the page did not say.
const script = fileURLToPath(new URL("../verifiers/python/verify_draw.py", import.meta.url));
const missing = spawnSync("python3", ["--version"]).status !== 0;
/** `DRAW_TRANSCRIPTS=1000 npx vitest run --project unit packages/draw-proof/src/python.test.ts` compares so many. */
const amount = Number(process.env["DRAW_TRANSCRIPTS"] ?? 100);

interface Answer {
  readonly checks: Readonly<Record<string, boolean | null>>;
  readonly computed: { readonly winners: readonly number[]; readonly cutoff: string | null } | null;
}

function askPython<Told = Answer>(asked: readonly unknown[], mode = "--lines"): readonly Told[] {
  const input = asked.map((one) => JSON.stringify(one)).join("\n");
  const { status, stdout, stderr } = spawnSync("python3", [script, mode], { input, encoding: "utf8", maxBuffer: 256 * 1024 * 1024 });
  if (status !== 0) throw new Error(stderr);
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Told);
}

const ours = (transcript: unknown): Record<string, boolean | null> =>
  Object.fromEntries(verifyTranscript(transcript).checks.map(({ name, holds }) => [name, holds]));

test.skipIf(missing)(
  `a verifier in Python agrees on ${amount} random transcripts, winner by winner (skipped where there is no python3)`,
  () => {
    const transcripts = Array.from({ length: amount }, (_, index) => writeTranscript(makeDraw(`random${index}`)));
    askPython(transcripts).forEach(({ checks, computed }, index) => {
      const transcript = transcripts[index] as Transcript;
      const result = readResult(transcript.result?.text ?? "");
      expect({ index, checks }).toEqual({ index, checks: ours(transcript) });
      expect(Object.values(checks).every((holds) => holds === true)).toBe(true);
      expect({ winners: computed?.winners, cutoff: computed?.cutoff }).toEqual({ winners: result?.winners, cutoff: result?.cutoff });
    });
  },
  300_000,
);

test.skipIf(missing)(
  "and fails the same checks on every forgery of them (skipped where there is no python3)",
  () => {
    const many = Array.from({ length: Math.ceil(amount / 10) }, (_, index) => makeDraw(`forged${index}`, 40)).filter(({ entries }) => entries.length > 12);
    const forged = many.flatMap((draw) => forgeries.map(({ forge }) => forge({ ...draw, entries: [...draw.entries] })));
    askPython(forged).forEach(({ checks }, index) => expect({ index, checks }).toEqual({ index, checks: ours(forged[index]) }));
  },
  300_000,
);

test.skipIf(missing)(
  "and on transcripts with any one letter changed (skipped where there is no python3)",
  () => {
    const dice = createDice("letters");
    const altered = Array.from({ length: amount }, (_, index) => {
      const text = JSON.stringify(writeTranscript(makeDraw(`letter${index}`, 12)));
      for (;;) {
        const at = dice(text.length);
        const changed = text.slice(0, at) + "0123456789abcdefZ"[dice(17)] + text.slice(at + 1);
        try {
          return JSON.parse(changed) as unknown;
        } catch {
          // Not JSON any more: another letter.
          continue;
        }
      }
    });
    askPython(altered).forEach(({ checks }, index) => expect({ index, checks }).toEqual({ index, checks: ours(altered[index]) }));
  },
  300_000,
);

/** Every way in which a receipt and a list can belong to different draws. */
const mismatches: readonly ((asked: Asked) => Asked)[] = [
  ({ receipt, ...rest }) => ({ ...rest, receipt: { ...receipt, ticket: receipt.ticket + 1 } }),
  ({ receipt, ...rest }) => ({ ...rest, receipt: { ...receipt, salt: "00".repeat(16) } }),
  ({ receipt, ...rest }) => ({ ...rest, receipt: { ...receipt, path: receipt.path.slice(43) + "A".repeat(43) } }),
  ({ receipt, ...rest }) => ({ ...rest, receipt: { ...receipt, drawId: "draw_other" } }),
  (asked) => ({ ...asked, consumerId: "0193b3c0-0000-7000-8000-00000000002b" }),
  ({ transcript, ...rest }) => ({ ...rest, transcript: { ...transcript, entries: transcript.entries.slice(1) } }),
  (asked) => withListed(asked, (entry) => `${entry.slice(0, 64)}00ff${entry.slice(68)}`),
  (asked) => withListed(asked, (entry) => `${entry.startsWith("ff") ? "00" : "ff"}${entry.slice(2)}`),
  (asked) => withBatch(asked, { receivedAt: "2026-11-22T09:59:59.999Z" }),
  (asked) => withBatch(asked, { receivedAt: "2026-11-22T12:37:00.001Z" }),
  (asked) => withBatch(asked, { receivedAt: "2026-99-22T10:30:00.000Z" }),
  (asked) => withBatch(asked, { commitment: "00".repeat(32) }),
  (asked) => withBatch(asked, { count: 64 }),
];

interface Asked {
  readonly name: string;
  readonly draw: MadeDraw;
  readonly transcript: Transcript;
  readonly receipt: Receipt;
  readonly consumerId: string;
}

const withListed = (asked: Asked, change: (entry: string) => string): Asked => {
  const entries = asked.transcript.entries.map((entry, at) => (at + 1 === asked.receipt.ticket ? change(entry) : entry));
  return { ...asked, transcript: { ...asked.transcript, entries } };
};
const withBatch = (asked: Asked, told: Partial<ReceiptBatch>): Asked => ({
  ...asked,
  receipt: makeReceipt(asked.name, asked.draw, asked.receipt.ticket, told),
});

test.skipIf(missing)(
  "and on receipts, whether the list has them, under the rules and at the time that they name (skipped where there is no python3)",
  () => {
    const dice = createDice("receipts");
    const honest = Array.from({ length: amount }, (_, index): Asked => {
      const name = `receipt${index}`;
      const draw = makeDraw(name, 40);
      const ticket = 1 + dice(Math.max(1, draw.entries.length));
      if (draw.entries.length === 0) draw.entries.push({ ...(makeDraw("receipt0").entries[0] as Entry), ref: refOf({ ticket, ...entrantOf(name, ticket) }) });
      return { name, draw, transcript: writeTranscript(draw), receipt: makeReceipt(name, draw, ticket), consumerId: entrantOf(name, ticket).consumerId };
    });
    const forged = honest.flatMap((asked) => mismatches.map((change) => change(asked)));
    const asked = [...honest, ...forged].flatMap(({ transcript, receipt, consumerId }) => [
      { transcript, receipt, consumerId },
      { transcript, receipt, consumerId: null },
    ]);
    const told = askPython<boolean>(asked, "--receipts");
    expect(told).toEqual(asked.map(({ transcript, receipt, consumerId }) => agreesWithKept(receipt, transcript, consumerId)));
    expect(told.slice(0, 2 * honest.length)).not.toContain(false);
    // By name, no mismatch passes; without a name, only what a name is needed for.
    expect(told.slice(2 * honest.length).filter((_, at) => at % 2 === 0)).not.toContain(true);
  },
  300_000,
);
