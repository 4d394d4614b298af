import { parseArgs } from "node:util";
import type { RotateSigningKeysRequest, SigningKeyList } from "@fanfare-io/fanfare-contract";
import { callOperator } from "./call-operator.ts";
import type { Environment } from "./environment.ts";

/** `fanfare keys rotate`: a new key signs grant tokens from ten minutes on, or at once where the old one is out. */
export async function rotateKeys(words: readonly string[], environment: Environment): Promise<number> {
  const { values } = parseArgs({
    args: [...words],
    options: { compromised: { type: "boolean", default: false }, "admin-url": { type: "string" }, json: { type: "boolean", default: false } },
  });
  const request: RotateSigningKeysRequest = { compromised: values.compromised };
  const { keys } = await callOperator<SigningKeyList>(environment, values["admin-url"], "/signing-keys/rotate", request);
  const lines = keys.map(
    ({ kid, signsFrom, retiresAt }) => `  ${kid}   signs from ${signsFrom}${retiresAt === null ? "" : `, is refused from ${retiresAt}`}\n`,
  );
  process.stdout.write(values.json ? `${JSON.stringify({ keys })}\n` : `The keys that are published now:\n${lines.join("")}`);
  return 0;
}
