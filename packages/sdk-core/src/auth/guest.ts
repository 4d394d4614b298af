import type { FanfareEvents, GuestSession, Platform, TokenResponse } from "@fanfare-io/fanfare-contract";
import type { Emitter } from "../lib/emitter.ts";
import { createSingleFlight } from "../lib/single-flight.ts";
import { endpoints } from "../transport/endpoints.ts";
import { FanfareError, isFanfareError, toFanfareError, unexpectedAnswer } from "../transport/fanfare-error.ts";
import type { Transport } from "../transport/transport.ts";
import { obtainCredential } from "./credential.ts";
import type { Credential, CredentialOptions } from "./credential.ts";
import { isDead } from "./live-session.ts";
import type { BindingKey, LiveSession } from "./live-session.ts";
import type { MakeProver } from "./proving.ts";
import type { Renewal } from "./renewal.ts";
import type { Revocations } from "./revocations.ts";
import type { SessionWriter } from "./session-writer.ts";
import { sessionEnded } from "./tab-session.ts";
import { isTokenResponse } from "./token-response.ts";

/** What creating guests needs from outside. */
export interface GuestOptions extends CredentialOptions {
  readonly holder: SessionWriter;
  readonly renewal: Renewal;
  readonly revocations: Revocations;
  readonly proverOf: MakeProver;
  readonly transport: Transport;
  readonly emitter: Emitter<FanfareEvents>;
  readonly platform: Platform;
  readonly sessionDuration: number | undefined;
  /** Whether the shopper agreed to signals. */
  readonly sessionSignals: true | undefined;
}

interface Opened {
  readonly answer: TokenResponse;
  readonly binding: BindingKey | null;
  readonly isNew: boolean;
}

/** Makes `auth.guest`: idempotent in this tab, between tabs, and over lost answers (rule A1). */
export function createGuest(options: GuestOptions): () => Promise<GuestSession> {
  const { holder, renewal, revocations, proverOf, transport, emitter, platform, sessionDuration, sessionSignals } = options;
  const flight = createSingleFlight<GuestSession>();

  const ask = async (credential: Credential): Promise<Opened> => {
    let isNew = false;
    const secret = typeof credential === "string" ? { installSecret: credential } : {};
    const binding = typeof credential === "string" ? null : credential;
    // A page that cannot fetch this part, or read with it, goes without: nobody is kept out for want of signals.
    const signals = sessionSignals && import("./signals.ts").then(({ readSignals }) => readSignals()).catch(() => undefined);
    const body = { ...secret, sessionDuration, sessionSignals: await signals };
    const answer = await transport.send<TokenResponse>({
      endpoint: endpoints.createGuest,
      body,
      prove: binding ? proverOf(binding.key) : undefined,
      // 200 says that this credential had opened somebody before: found again, not made.
      heard: (status) => (isNew = status === 201),
    });
    if (!isTokenResponse(answer)) throw unexpectedAnswer(endpoints.createGuest.path);
    return { answer, binding, isNew };
  };

  const askWithLiveCredential = async (): Promise<Opened | LiveSession> => {
    const credential = await obtainCredential(options);
    try {
      return await ask(credential);
    } catch (error) {
      const code = isFanfareError(error) ? error.code : null;
      if (code !== "KEY_RETIRED" && code !== "SESSION_UPGRADED") throw error;
      // Upgraded by another tab, whose session is stored by now; where it is not, nobody here can use it any more.
      if (code === "SESSION_UPGRADED") await holder.reload(true);
      return holder.current() ?? ask(await obtainCredential(options, credential));
    }
  };

  /** The session that is there already, proved alive where its access token has run out. */
  const present = async (): Promise<LiveSession | null> => {
    await holder.reload(true);
    const live = holder.current();
    if (!live || !isDead(live, platform.clock)) return live;
    try {
      await renewal.refresh();
    } catch (error) {
      // Offline is no reason to replace somebody: the session stands until the service refuses it.
      if (holder.current() && isFanfareError(error) && !error.retryable) throw error;
    }
    return holder.current();
  };

  const create = async (): Promise<GuestSession> => {
    const before = holder.logouts();
    const live = await present();
    if (live) return asGuest(live);
    if (before !== holder.logouts()) throw sessionEnded();
    const epoch = holder.epoch();
    const opened = await askWithLiveCredential();
    if (!("answer" in opened)) return asGuest(opened);
    const { answer, binding, isNew } = opened;
    const taken = await holder.commitOpened(answer, epoch, binding, isNew);
    return taken ? asGuest(taken) : revocations.undo(answer, binding);
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
  throw new FanfareError("ALREADY_IDENTIFIED", "Somebody is identified already; log out first.");
}
