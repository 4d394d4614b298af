import type { Platform } from "@fanfare-io/fanfare-contract";
import { createMailbox } from "../lib/mailbox.ts";
import type { TextStorage } from "../lib/storage.ts";
import { readVersioned, writeVersioned } from "../lib/versioned-json.ts";
import { endpoints } from "../transport/endpoints.ts";
import { isFanfareError } from "../transport/fanfare-error.ts";
import type { Transport } from "../transport/transport.ts";
import type { DeviceKeys } from "./device-keys.ts";

/** What revoking needs from outside. */
export interface RevocationsOptions {
  readonly storage: TextStorage;
  readonly storageKey: string;
  readonly transport: Transport;
  readonly keys: DeviceKeys;
  readonly platform: Pick<Platform, "clock">;
  /** Hears why a revocation has to wait. */
  readonly onFailure: (error: unknown) => void;
}

/** Ended sessions that the service does not know of yet (rule A5). Their tokens are used for nothing else. */
export interface Revocations {
  /** Records the session as ended and tells the service, now or, when that fails, at a later `retry`; `key`: the retired key that proves it. */
  add(refreshToken: string, key: string | undefined): Promise<void>;
  /** Tells the service what earlier calls or pages could not. */
  retry(): Promise<void>;
}

interface Pending {
  readonly refreshToken: string;
  readonly key?: string | undefined;
  readonly since: number;
}

/** After a day the record goes: an unbound session is over by then unless somebody stands in a line. */
const keptMs = 86_400_000;

/** Creates the list of one client. */
export function createRevocations({ storage, storageKey, transport, keys, platform, onFailure }: RevocationsOptions): Revocations {
  const post = createMailbox();

  const read = async (): Promise<readonly Pending[]> => {
    const list = readVersioned(await storage.getItem(storageKey))?.["pending"];
    return Array.isArray(list) ? (list as Partial<Pending>[]).filter((it): it is Pending => typeof it?.refreshToken === "string") : [];
  };
  const isOver = ({ since }: Pending): boolean => !(Math.abs(platform.clock.now() - since) < keptMs);
  const write = (pending: readonly Pending[]): Promise<void> =>
    pending.length === 0 ? storage.removeItem(storageKey) : storage.setItem(storageKey, writeVersioned({ pending }));

  const forgetKey = async ({ key }: Pick<Pending, "key">): Promise<void> => {
    if (key !== undefined) await keys.forget(key);
  };
  const revoke = async ({ refreshToken, key }: Pending): Promise<void> => {
    const prove = key === undefined ? undefined : keys.prover(key);
    try {
      await transport.send({ endpoint: endpoints.logout, body: { refreshToken }, prove, attempts: 2, keepalive: true });
    } catch (error) {
      if (!isFanfareError(error) || error.retryable || error.code === "DESTROYED") return onFailure(error);
    }
    await post(async () => write((await read()).filter((it) => it.refreshToken !== refreshToken)));
    await forgetKey({ key });
  };

  return Object.freeze<Revocations>({
    async add(refreshToken, key) {
      const pending = { refreshToken, key, since: platform.clock.now() };
      await post(async () => write([...(await read()), pending]));
      await revoke(pending);
    },
    async retry() {
      const pending = await post(async () => {
        if ((await storage.getItem(storageKey)) === null) return [];
        const all = await read();
        await write(all.filter((it) => !isOver(it)));
        return all;
      });
      await Promise.all(pending.map((it) => (isOver(it) ? forgetKey(it) : revoke(it))));
    },
  });
}
