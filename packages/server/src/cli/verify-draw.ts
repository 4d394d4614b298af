import { readFileSync } from "node:fs";
import { createPublicKey, verify } from "node:crypto";
import type { JsonWebKey } from "node:crypto";
import { parseArgs } from "node:util";
import { agreesWithKept, readTranscript, verifyTranscript } from "@fanfare-io/fanfare-draw-proof";
import type { Check, CheckName, SignedStatement } from "@fanfare-io/fanfare-draw-proof";
import { verifyBeacon } from "@fanfare-io/fanfare-draw-proof/beacon";
import { CommandError } from "./command-error.ts";

const words: Readonly<Record<CheckName, string>> = {
  form: "It is the transcript of a draw",
  rules_first: "Rules and seed were fixed before entries opened",
  rules_kept: "What was fixed was kept, and changed in public only",
  list_closed: "The list was closed under these rules, at their time",
  list_complete: "The list is the one whose root was published",
  weights: "No entry weighs more than the rules allow",
  beacon: "The public beacon's round came after the closing",
  seed: "The seed is the promised one",
  winners: "The winners follow from list, seed and beacon",
  continued: "Wins that ended went to the next in rank, or to nobody",
};

const options = { keys: { type: "string" }, kept: { type: "string" }, json: { type: "boolean" } } as const;

/**
 * `fanfare verify <transcript.json> [--keys jwks.json] [--kept file.json]`: recomputes a draw offline. `--kept` = what somebody has from
 * before: a receipt, a statement, the draw as everybody saw it, an earlier transcript. Ends with 0 when every check holds, with 1 when one
 * fails, with 2 when all that could be checked holds. Raises `CommandError` for a file that cannot be read.
 */
export function verifyDraw(given: readonly string[], say: (line: string) => void): number {
  const { values, positionals } = parseArgs({ args: [...given], allowPositionals: true, options });
  const [path, ...more] = positionals;
  if (path === undefined || more.length > 0)
    throw new CommandError("Name one transcript: fanfare verify transcript.json [--keys jwks.json] [--kept file.json] [--json]");
  const transcript = readJson(path);
  const { checks } = verifyTranscript(transcript, { verifyBeacon });
  const all = [
    ...checks.map((check) => ({ ...check, about: words[check.name] })),
    ...signatureCheck(transcript, values.keys),
    ...keptCheck(transcript, values.kept),
  ];
  if (values.json === true) say(JSON.stringify({ holds: all.every(({ holds }) => holds === true), checks: all }));
  else for (const { holds, about, detail } of all) say(`${holds === null ? "?    " : holds ? "ok   " : "FAIL "}${about}. ${detail}`);
  const hasFailed = all.some(({ holds }) => holds === false);
  if (values.json !== true) {
    say(conclusion(all));
    if (values.keys === undefined && !hasFailed) say("Whose word it is was not checked: --keys takes the service's /.well-known/jwks.json.");
  }
  return hasFailed ? 1 : all.some(({ holds }) => holds === null) ? 2 : 0;
}

function conclusion(all: readonly Pick<Check, "holds">[]): string {
  if (all.some(({ holds }) => holds === false)) return "This draw does not hold.";
  return all.every(({ holds }) => holds === true) ? "This draw holds." : "What could be checked here holds; what is marked ? could not be.";
}

interface Told {
  readonly name: CheckName | "signatures" | "kept";
  readonly holds: boolean | null;
  readonly about: string;
  readonly detail: string;
}

/** Whose word it is: ten checks say that the draw follows from its statements, this one that the service made them. */
function signatureCheck(value: unknown, keysPath: string | undefined): readonly Told[] {
  if (keysPath === undefined) return [];
  const about = "The statements are signed by the service";
  const keys = (readJson(keysPath) as { readonly keys?: readonly (JsonWebKey & { readonly kid?: string })[] } | null)?.keys ?? [];
  const transcript = readTranscript(value);
  const statements =
    transcript === null ? [] : [...transcript.commitments, transcript.closing, transcript.result, ...transcript.continuations].filter((one) => one !== null);
  const unsigned = statements.filter((statement) => !isSigned(statement, keys));
  const holds = statements.length > 0 && unsigned.length === 0;
  return [{ name: "signatures", holds, about, detail: holds ? `${statements.length} of them.` : `${unsigned.length} are not, by these keys.` }];
}

/** The instants in a transcript are the service's word; that somebody had a text before is not. */
function keptCheck(value: unknown, keptPath: string | undefined): readonly Told[] {
  if (keptPath === undefined) return [];
  const about = "It agrees with what was kept from before";
  const kept = readJson(keptPath);
  const transcript = readTranscript(value);
  const holds = transcript === null ? false : agreesWithKept(kept, transcript);
  if (holds === null) throw new CommandError(`${keptPath} is no receipt, statement, public draw or transcript of a draw.`);
  return [{ name: "kept", holds, about, detail: holds ? "It is part of this draw." : "This draw says otherwise." }];
}

function isSigned({ text, signature, keyId }: SignedStatement, keys: readonly (JsonWebKey & { readonly kid?: string })[]): boolean {
  const jwk = keys.find(({ kid }) => kid === keyId);
  if (jwk === undefined) return false;
  try {
    return verify(null, Buffer.from(text), createPublicKey({ key: jwk, format: "jwk" }), Buffer.from(signature, "base64url"));
  } catch {
    // A key that is none signs nothing.
    return false;
  }
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new CommandError(`${path} cannot be read as JSON: ${(error as Error).message}`);
  }
}
