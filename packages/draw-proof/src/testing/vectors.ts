import { toHex } from "../hex.ts";
import { rankingKey, scoreOf } from "../ranking.ts";
import { refOf } from "../entry.ts";
import { hashOfSeed } from "../statements.ts";
import { makeDraw, writeTranscript } from "./make-transcript.ts";

const consumerId = "0193b3c0-0000-7000-8000-00000000002a";
const bytesFrom = (first: number, length: number): Uint8Array => Uint8Array.from({ length }, (_, index) => first + index);

/** The vectors of docs/draw-proof.md, made anew: what stands there is compared with this. */
export function writeVectors(): string {
  const seed = bytesFrom(0, 32);
  const beacon = bytesFrom(0x80, 32);
  const ref = refOf({ ticket: 42, salt: bytesFrom(0x40, 16), consumerId });
  const rows = [
    ["seed", toHex(seed)],
    ["its hash", toHex(hashOfSeed(seed))],
    ["key without a beacon", toHex(rankingKey(seed, null))],
    ["`H(signature)` of a beacon", toHex(beacon)],
    ["key with it", toHex(rankingKey(seed, beacon))],
    ["salt", toHex(bytesFrom(0x40, 16))],
    [`reference of ticket 42 of ${consumerId}`, toHex(ref)],
    ["its score of weight 1, without a beacon", toHex(scoreOf(rankingKey(seed, null), ref, 1))],
    ["of weight 3", toHex(scoreOf(rankingKey(seed, null), ref, 3))],
  ];
  const transcript = JSON.stringify(writeTranscript(makeDraw("vectors15", 6)), null, 2);
  return `| value | hexadecimal |\n| --- | --- |\n${rows.map(([name, value]) => `| ${name} | \`${value}\` |`).join("\n")}\n\nA whole draw; all ten checks hold (its statements are unsigned, signatures are apart from the ten):\n\n\`\`\`json\n${transcript}\n\`\`\`\n`;
}
