import type { FanfareErrorCode, FanfareErrorShape, Platform } from "@fanfare-io/fanfare-contract";
import type { Shelf } from "../lib/shelf.ts";
import { unversioned, versioned } from "../lib/versioned-json.ts";
import { FanfareError } from "../transport/fanfare-error.ts";

/** The pause that the service asked one tab for, and all keep (rule A3). */
export interface Resting {
  /** What the renewal of another tab was answered, while the pause goes on. */
  current(): Promise<FanfareError | null>;
  /** Writes a pause down, where the service asked for one. */
  begin(error: FanfareErrorShape): Promise<void>;
}

/** Of a longer pause each tab asks again after this: what is stored must not end a session by itself. */
const mostMs = 60_000;

/** Creates the pause of one client. */
export function createResting(device: Pick<Shelf, "read" | "transact">, clock: Pick<Platform["clock"], "now">): Resting {
  return Object.freeze<Resting>({
    async current() {
      const { until, code, status } = unversioned((await device.read()).get("resting")) ?? {};
      const leftMs = Number(until) - clock.now();
      // One that reaches further than one can was written before the clock was set back.
      if (!(leftMs > 0 && leftMs <= mostMs)) return null;
      const facts = { status: status as number, retryable: true, retryAfterSeconds: leftMs / 1000 };
      return new FanfareError(code as FanfareErrorCode, "The service asked another tab for a pause.", facts);
    },
    async begin({ code, status, retryable, retryAfterSeconds }) {
      if (!status || !retryable || !retryAfterSeconds) return;
      const until = clock.now() + Math.min(mostMs, retryAfterSeconds * 1000);
      // Of whoever has left nothing is written any more.
      await device.transact((now) => (now.has("session") ? { resting: versioned({ until, code, status }) } : {}));
    },
  });
}
