import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** What the figures below need of a rehearsal's report. */
export interface RehearsalFigures {
  readonly seconds: number;
  readonly playedInSeconds: number;
  readonly endedBy: string;
  readonly totals: {
    readonly arrived: number;
    readonly joined: number;
    readonly admitted: number;
    readonly completed: number;
    readonly requests: number;
    readonly refusals: number;
  };
  readonly waits: { readonly figures: { readonly p50: number | null; readonly p99: number | null } };
  readonly estimates: { readonly medianError: number | null; readonly covered: number | null; readonly rose: number | null };
  readonly minutes: readonly { readonly judged: boolean; readonly exact: boolean }[];
  readonly simulation: { readonly faults: number; readonly refusedByRow: number; readonly longestGapSeconds: number } | null;
  readonly latency: readonly { readonly route: string; readonly count: number; readonly p50: number; readonly p99: number }[];
  readonly verdicts: readonly { readonly promise: string; readonly verdict: "held" | "broken" | "not seen"; readonly fact: string }[];
}

const main = fileURLToPath(new URL("../../packages/server/src/main.ts", import.meta.url));

/** Runs `fanfare rehearse` in a process of its own and reads its report. A broken promise is a figure like any other. */
export async function rehearse(words: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<RehearsalFigures> {
  const child = spawn(process.execPath, ["--conditions=@fanfare-io/source", main, "rehearse", "--json", ...words], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0 && code !== 2) throw new Error(`fanfare rehearse ${words.join(" ")} ended with ${code}.`);
  return JSON.parse(output) as RehearsalFigures;
}

/** Promises that were broken, with what was counted. */
export function brokenOf({ verdicts }: RehearsalFigures): string {
  const broken = verdicts.filter(({ verdict }) => verdict === "broken");
  return broken.length === 0 ? "none" : broken.map(({ promise, fact }) => `${promise}: ${fact}`).join("; ");
}
