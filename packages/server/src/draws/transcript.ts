import { entryBytes } from "@fanfare-io/fanfare-draw-proof";
import type { SignedStatement } from "@fanfare-io/fanfare-draw-proof";
import type { Database } from "../data/database.ts";
import { readEntries } from "../data/draw-entries.ts";
import { readStatements } from "../data/draw-statements.ts";
import { keyOf } from "../data/draws.ts";
import type { DrawFacts } from "../domain/draw.ts";

const entriesAtOnce = 5_000;

/** Writes the transcript of a closed draw piece by piece: a million entries are 73 MB, and nobody here holds them at once. */
export async function* writeTranscript(db: Database, draw: DrawFacts, signStatement: (text: string) => SignedStatement): AsyncGenerator<string> {
  const statements = await readStatements(db, keyOf(draw));
  const signed = (kind: string): readonly SignedStatement[] => statements.filter((one) => one.kind === kind).map(({ text }) => signStatement(text));
  const head = { format: "fanfare-draw-transcript/1", drawId: draw.id, commitments: signed("commitment"), closing: signed("closing")[0] ?? null };
  yield `${JSON.stringify(head).slice(0, -1)},"entries":[`;
  for (let first = 1; first <= draw.tickets; first += entriesAtOnce) {
    const bytes = await readEntries(db, keyOf(draw), first, Math.min(entriesAtOnce, draw.tickets - first + 1));
    const texts: string[] = [];
    for (let at = 0; at < bytes.length; at += entryBytes) texts.push(`"${Buffer.from(bytes.buffer, bytes.byteOffset + at, entryBytes).toString("hex")}"`);
    yield (first === 1 ? "" : ",") + texts.join(",");
  }
  yield `],"result":${JSON.stringify(signed("result")[0] ?? null)},"continuations":${JSON.stringify(signed("continuation"))}}`;
}
