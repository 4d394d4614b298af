import { randomBytes } from "node:crypto";

/** Makes a key with 192 random bits, in letters and digits only, so that a double click selects all of it. */
export function makeApiKey(kind: "publishable" | "secret", environment: "live" | "test"): string {
  return `${kind === "secret" ? "sk" : "pk"}_${environment}_${randomBytes(24).toString("hex")}`;
}

/** The label that a key carries (contract §4). */
export function environmentOf(key: string): "live" | "test" {
  return key.split("_")[1] === "live" ? "live" : "test";
}
