import { randomUUID } from "node:crypto";
import { createHmac } from "@fanfare-io/fanfare-draw-proof";
import type { Transcript } from "@fanfare-io/fanfare-draw-proof";
import type { Database } from "../../data/database.ts";
import { insertDrawEntries } from "../../data/draw-entering.ts";
import { findDraw } from "../../data/draws.ts";
import type { DrawKey } from "../../data/draws.ts";
import { writeTranscript } from "../transcript.ts";

/** Enters so many consumers of weight 1, in batches as they would come. */
export async function fillDraw(db: Database, key: DrawKey, count: number, at: Date): Promise<void> {
  const salts = createHmac(new Uint8Array(32));
  const entering = Array.from({ length: count }, () => {
    const consumerId = randomUUID();
    const salt = new Uint8Array(32);
    salts(salt, 0, Buffer.from(consumerId), 0, 36);
    return { consumerId, salt: salt.slice(0, 16), weight: 1 };
  });
  for (let from = 0; from < count; from += 500) {
    const { kind } = await insertDrawEntries(db, key, entering.slice(from, from + 500), at);
    if (kind !== "entered") throw new Error(`A draw that is being filled says: ${kind}.`);
  }
}

/** What the draw publishes, unsigned. */
export async function readTestTranscript(db: Database, key: DrawKey): Promise<Transcript> {
  const draw = await findDraw(db, key);
  if (draw === null) throw new Error("The draw is gone.");
  let text = "";
  for await (const piece of writeTranscript(db, draw, (statement) => ({ text: statement, signature: "", keyId: "" }))) text += piece;
  return JSON.parse(text) as Transcript;
}

/**
 * A database whose n-th statement is the last one of this process: it arrives or it does not, and nothing is heard of it either way.
 * `counted` = which statements are counted; the others arrive as long as the process lives.
 */
export function dyingAfter(db: Database, statements: number, arrives: boolean, counted: RegExp = /(?:)/): Database {
  let left = statements;
  async function run<Result>(words: string, perform: () => Promise<Result>): Promise<Result> {
    if (left >= 0 && !counted.test(words)) return perform();
    if (left-- > 0) return perform();
    if (left === -1 && arrives) await perform();
    throw new Error("killed");
  }
  return {
    ...db,
    run: (statement, parameters) => run(statement, () => db.run(statement, parameters)),
    batch: (statements) => run(statements.map(({ statement }) => statement).join(";"), () => db.batch(statements)),
  };
}
