import { createHash, createPublicKey, generateKeyPairSync, sign, verify } from "node:crypto";
import type { KeyObject } from "node:crypto";
import type { Shelf, Signing, SigningKey } from "@fanfare-io/fanfare-contract";

/** Real ES256 whose answers come in the same turn: a simulated clock cannot wait for WebCrypto's threads. */
export function createSimulatedSigning(): Signing {
  return {
    async generate() {
      const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
      const { x = "", y = "" } = publicKey.export({ format: "jwk" });
      return { id: x, jwk: { kty: "EC", crv: "P-256", x, y }, privateKey };
    },
    sign: async ({ privateKey }, data) => new Uint8Array(sign("sha256", data, { key: privateKey as KeyObject, dsaEncoding: "ieee-p1363" })),
    digest: async (data) => new Uint8Array(createHash("sha256").update(data).digest()),
  };
}

/** How the database of a simulated profile behaves; `full`: it takes nothing more, and gives up what it has. */
export type ShelfMood = "works" | "refuses" | "hangs" | "full";

/** One profile's database: transactions that do not overlap, and values that are cloned. */
export interface SimulatedShelf extends Shelf {
  readonly kept: Map<string, unknown>;
  mood: ShelfMood;
}

/** An empty one. `reach` is how long each transaction takes to get its turn. */
export function createSimulatedShelf(reach: () => Promise<void>): SimulatedShelf {
  const kept = new Map<string, unknown>();
  const opened = async (): Promise<void> => {
    await reach();
    if (shelf.mood === "hangs") await new Promise(() => {});
    if (shelf.mood === "refuses") throw new DOMException("refused", "DataCloneError");
  };
  const shelf: SimulatedShelf = {
    kept,
    mood: "works",
    async read() {
      await opened();
      return new Map(kept);
    },
    async transact(decide) {
      await opened();
      const changes = Object.entries(decide(new Map(kept)));
      if (shelf.mood === "full" && changes.some(([, value]) => value !== null)) throw new DOMException("full", "QuotaExceededError");
      for (const [name, value] of changes) {
        if (value === null) kept.delete(name);
        else kept.set(name, value);
      }
      return new Map(kept);
    },
  };
  return shelf;
}

/** What a proof says, and the key that signed it; throws where the signature is not that key's. */
export function readProof(proof: string | null): { readonly key: string; readonly claims: Record<string, unknown> } {
  const [header = "", payload = "", signature = ""] = (proof ?? "").split(".");
  const read = (text: string): Record<string, unknown> => JSON.parse(Buffer.from(text, "base64url").toString()) as Record<string, unknown>;
  const { jwk } = read(header) as { jwk: SigningKey["jwk"] };
  const key = createPublicKey({ key: { ...jwk }, format: "jwk" });
  const isSigned = verify("sha256", Buffer.from(`${header}.${payload}`), { key, dsaEncoding: "ieee-p1363" }, Buffer.from(signature, "base64url"));
  if (!isSigned) throw new Error("This proof is not signed by its key.");
  return { key: jwk.x, claims: read(payload) };
}
