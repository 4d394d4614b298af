import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { readResult } from "./statements.ts";
import { forgeries } from "./testing/forgeries.ts";
import { createDice, makeDraw, writeTranscript } from "./testing/make-transcript.ts";
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

function askPython(transcripts: readonly unknown[]): readonly Answer[] {
  const input = transcripts.map((transcript) => JSON.stringify(transcript)).join("\n");
  const { status, stdout, stderr } = spawnSync("python3", [script, "--lines"], { input, encoding: "utf8", maxBuffer: 256 * 1024 * 1024 });
  if (status !== 0) throw new Error(stderr);
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Answer);
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
