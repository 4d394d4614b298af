import { createHmac, hkdfSync } from "node:crypto";

/** Turns what must not be kept into what can only be compared, within one organization. */
export interface CrowdKeys {
  /** 16 bytes: the same for the same value of the same kind in the same organization, and nothing that leads back. */
  key(organizationId: string, kind: "address" | "network" | "signals", value: string): Uint8Array;
}

const rememberedSalts = 1_000;

/** Each organization has a salt of its own, made from the token secret: who reads the database alone cannot even try addresses out. */
export function createCrowdKeys(tokenSecret: Uint8Array): CrowdKeys {
  const salts = new Map<string, Buffer>();
  function saltOf(organizationId: string): Buffer {
    const known = salts.get(organizationId);
    if (known !== undefined) return known;
    if (salts.size >= rememberedSalts) salts.clear();
    const salt = Buffer.from(hkdfSync("sha256", tokenSecret, organizationId, "fanfare crowd", 32));
    salts.set(organizationId, salt);
    return salt;
  }
  return Object.freeze<CrowdKeys>({
    key: (organizationId, kind, value) => createHmac("sha256", saltOf(organizationId)).update(`${kind}\0${value}`).digest().subarray(0, 16),
  });
}
