import type { AuthModule, FanfareConfig, FanfareEvents, Platform } from "@fanfare-io/fanfare-contract";
import type { Emitter } from "../lib/emitter.ts";
import { createLazy } from "../lib/lazy.ts";
import { pageShown } from "../lib/shown.ts";
import { openSigning } from "../lib/signing.ts";
import { createAuthorizedTransport } from "../transport/authorized.ts";
import type { AuthorizedTransport } from "../transport/authorized.ts";
import type { Shelf } from "../lib/shelf.ts";
import { partMissing, toFanfareError } from "../transport/fanfare-error.ts";
import { createTransport, destroyed } from "../transport/transport.ts";
import type { Transport } from "../transport/transport.ts";
import { createGuest } from "./guest.ts";
import { createProving } from "./proving.ts";
import { createRenewal } from "./renewal.ts";
import type { Renewal } from "./renewal.ts";
import { createRevocations } from "./revocations.ts";
import type { Revocations } from "./revocations.ts";
import { createSessionWriter } from "./session-writer.ts";
import type { SessionWriterOptions } from "./session-writer.ts";
import type { PagePlatform } from "../transport/platform.ts";

/** The acts of the shopper that need the service. */
export type Act = "guest" | "requestOtp" | "verifyOtp" | "beginExternal" | "exchangeExternal";

/** Everything of the session that talks to the service: fetched when there is something to say. */
export interface Online {
  readonly platform: Platform;
  readonly transport: Transport;
  readonly authorized: AuthorizedTransport;
  readonly renewal: Renewal;
  /** What the shopper does; how to say who one is comes when somebody does. */
  act<A extends Act>(name: A): Promise<AuthModule[A]>;
  readonly revocations: Revocations;
  stop(): void;
}

/** What talking needs. */
export interface OnlineOptions extends SessionWriterOptions {
  readonly apiUrl: string;
  readonly publishableKey: string;
  readonly sessionDuration: number | undefined;
  readonly privacy?: FanfareConfig["privacy"];
  readonly platform: PagePlatform;
  readonly keepsKeys: () => boolean;
  readonly emitter: Emitter<FanfareEvents>;
  readonly device: Pick<Shelf, "read" | "transact">;
}

/** Wires the parts once somebody sees the page; sends nothing. A page that was rendered ahead of time and is never opened has nothing to say (S45). */
export async function createOnline(options: OnlineOptions): Promise<Online> {
  const platform: Platform = Object.freeze({ signing: openSigning, shown: pageShown, ...options.platform });
  // Opening is also waking, which reads the storage first (A9): what waited here comes after that.
  await platform.shown();
  const transport = createTransport(options);
  const sessionSignals = options.privacy?.sessionSignals || undefined;
  const shared = { ...options, holder: createSessionWriter(options), sessionSignals, platform, transport, proverOf: createProving(platform) };
  const renewal = createRenewal(shared);
  const authorized = createAuthorizedTransport(transport, renewal);
  const onFailure = (error: unknown): void => options.emitter.emit("auth:error", { error: toFanfareError(error), context: "logout" });
  const revocations = createRevocations({ ...shared, onFailure });
  const guest = createGuest({ ...shared, renewal, revocations });
  const identify = createLazy(async () => {
    const { createIdentify } = await import("./identify.ts").catch(partMissing);
    return createIdentify({ ...shared, authorized, revocations });
  });
  let isStopped = false;
  return Object.freeze<Online>({
    platform,
    transport,
    authorized,
    renewal,
    async act(name) {
      // Before anything is looked up, or made, for it.
      if (isStopped) throw destroyed();
      return (name === "guest" ? { guest } : await identify.load())[name as never];
    },
    revocations,
    stop() {
      isStopped = true;
      renewal.stop();
      transport.stop();
    },
  });
}
