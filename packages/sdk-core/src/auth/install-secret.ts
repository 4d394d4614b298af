import type { Platform } from "@fanfare-io/fanfare-contract";
import { toBase64Url } from "../lib/random.ts";
import type { TextStorage } from "../lib/storage.ts";
import { readVersioned, writeVersioned } from "../lib/versioned-json.ts";

/** The random secret by which the service knows a repeated creation (rule A1 without a device key). */
export interface InstallSecret {
  /** The secret of this device, made if there is none. */
  obtain(): Promise<string>;
  /** After the service retired this one: the secret that another tab has made since, else a new one. */
  replace(retired: string): Promise<string>;
}

/** Longer than a write takes to become visible to the other tabs of a browser, shorter than anybody notices. */
const settleMs = 30;

/** Made only on the shopper's act (rule A10), shared by all tabs through the storage. */
export function createInstallSecret(storage: TextStorage, storageKey: string, { clock, randomBytes }: Pick<Platform, "clock" | "randomBytes">): InstallSecret {
  const read = async (): Promise<string | null> => {
    const secret = readVersioned(await storage.getItem(storageKey))?.["secret"];
    return typeof secret === "string" ? secret : null;
  };
  const make = async (): Promise<string> => {
    const secret = toBase64Url(randomBytes(32));
    await storage.setItem(storageKey, writeVersioned({ secret }));
    // Tabs that found nothing at the same moment have all written by now; reading again, each takes what the last one wrote.
    await new Promise<void>((resolve) => void clock.setTimeout(resolve, settleMs));
    return (await read()) ?? secret;
  };
  return Object.freeze<InstallSecret>({
    obtain: async () => (await read()) ?? make(),
    async replace(retired) {
      const present = await read();
      return present !== null && present !== retired ? present : make();
    },
  });
}
