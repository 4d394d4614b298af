import type { CreateGuestRequest, FanfareEvents, GuestSession, Platform, TokenResponse } from "@fanfare-io/fanfare-contract";
import type { Emitter } from "../lib/emitter.ts";
import { createSingleFlight } from "../lib/single-flight.ts";
import { endpoints } from "../transport/endpoints.ts";
import { FanfareError, isFanfareError, toFanfareError, unexpectedAnswer } from "../transport/fanfare-error.ts";
import type { Transport } from "../transport/transport.ts";
import type { DeviceKeys, KeyRef } from "./device-keys.ts";
import type { InstallSecret } from "./install-secret.ts";
import type { LiveSession } from "./live-session.ts";
import type { Renewal } from "./renewal.ts";
import type { Revocations } from "./revocations.ts";
import type { SessionHolder } from "./session-holder.ts";
import { isTokenResponse } from "./stored-session.ts";

/** What creating guests needs from outside. */
export interface GuestOptions {
  readonly holder: SessionHolder;
  readonly renewal: Renewal;
  readonly revocations: Revocations;
  readonly keys: DeviceKeys;
  /** What stands for the key where there is no WebCrypto. */
  readonly installSecret: InstallSecret;
  readonly transport: Transport;
  readonly emitter: Emitter<FanfareEvents>;
  readonly platform: Pick<Platform, "clock">;
  readonly sessionDuration: number | undefined;
}

/** By what the service knows a repeated creation: a key, or a secret. */
type Credential = KeyRef | string;

interface Opened {
  readonly answer: TokenResponse;
  readonly key: KeyRef | null;
}

/** Makes `auth.guest`: idempotent in this tab, between tabs, and over lost answers (rule A1). */
export function createGuest({
  holder,
  renewal,
  revocations,
  keys,
  installSecret,
  transport,
  emitter,
  platform,
  sessionDuration,
}: GuestOptions): () => Promise<GuestSession> {
  const flight = createSingleFlight<GuestSession>();

  const ask = async (credential: Credential): Promise<Opened> => {
    const secret = typeof credential === "string" ? { installSecret: credential } : {};
    const key = typeof credential === "string" ? null : credential;
    const body: CreateGuestRequest = { ...secret, ...(sessionDuration !== undefined && { sessionDuration }) };
    const answer = await transport.send<TokenResponse>({ endpoint: endpoints.createGuest, body, prove: key ? keys.prover(key.id) : undefined });
    if (!isTokenResponse(answer)) throw unexpectedAnswer(endpoints.createGuest.path);
    return { answer, key };
  };

  const askWithLiveCredential = async (): Promise<Opened> => {
    const credential = (await keys.obtain()) ?? (await installSecret.obtain());
    try {
      return await ask(credential);
    } catch (error) {
      if (!isFanfareError(error) || error.code !== "KEY_RETIRED") throw error;
      if (typeof credential === "string") return ask(await installSecret.replace(credential));
      return ask((await keys.replace(credential.id)) ?? (await installSecret.obtain()));
    }
  };

  /** The session that is there already, proved alive where its access token has run out. */
  const present = async (): Promise<LiveSession | null> => {
    await holder.reload(true);
    const live = holder.current();
    if (!live || platform.clock.monotonic() < live.deadAt) return live;
    try {
      await renewal.refresh();
    } catch (error) {
      // Offline is no reason to replace somebody: the session stands until the service refuses it.
      if (holder.current() && isFanfareError(error) && !error.retryable) throw error;
    }
    return holder.current();
  };

  const create = async (): Promise<GuestSession> => {
    const live = await present();
    if (live) return asGuest(live);
    const epoch = holder.epoch();
    const { answer, key } = await askWithLiveCredential();
    const taken = await holder.commitOpened(answer, epoch, key);
    if (taken) return asGuest(taken);
    // The shopper logged out while the answer was on its way: what it opened is closed again, not resurrected.
    const bound = answer.tokenType === "DPoP" ? key : null;
    if (bound) await keys.retire(bound.id);
    void revocations.add(answer.refreshToken, bound?.id);
    throw new FanfareError("SESSION_ENDED", "The session was ended while it was being created.");
  };

  return () =>
    flight(async () => {
      try {
        return await create();
      } catch (error) {
        const told = toFanfareError(error);
        if (told.code !== "ALREADY_IDENTIFIED" && told.code !== "DESTROYED") emitter.emit("auth:error", { error: told, context: "guest" });
        throw told;
      }
    });
}

function asGuest({ session }: LiveSession): GuestSession {
  if (session.type === "guest") return session;
  throw new FanfareError("ALREADY_IDENTIFIED", "This consumer is identified already; log out first to begin as a guest.");
}
