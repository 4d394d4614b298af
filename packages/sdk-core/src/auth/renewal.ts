import type { FanfareErrorShape, FanfareEvents, Platform, Session, TokenResponse } from "@fanfare-io/fanfare-contract";
import { createAlarm } from "../lib/alarm.ts";
import { backoffDelayMs } from "../lib/backoff.ts";
import type { Emitter } from "../lib/emitter.ts";
import { ignore } from "../lib/ignore.ts";
import type { Shelf } from "../lib/shelf.ts";
import { createSingleFlight } from "../lib/single-flight.ts";
import type { Credentials, TokenSource } from "../transport/authorized.ts";
import { endpoints } from "../transport/endpoints.ts";
import { FanfareError, isFanfareError, toFanfareError, unexpectedAnswer } from "../transport/fanfare-error.ts";
import type { Transport } from "../transport/transport.ts";
import { authorizationOf, credentialsOf } from "./credentials.ts";
import { isDead, isDue } from "./live-session.ts";
import type { LiveSession } from "./live-session.ts";
import type { MakeProver } from "./proving.ts";
import { createResting } from "./resting.ts";
import { claimMs } from "./session-writer.ts";
import type { SessionWriter } from "./session-writer.ts";
import { sessionEnded } from "./tab-session.ts";
import { isTokenResponse } from "./token-response.ts";

/** What renewal needs from outside. */
export interface RenewalOptions {
  readonly holder: SessionWriter;
  readonly proverOf: MakeProver;
  readonly transport: Transport;
  readonly emitter: Emitter<FanfareEvents>;
  readonly platform: Pick<Platform, "clock" | "random">;
  readonly device: Pick<Shelf, "read" | "transact">;
  /** Whether the shopper's consent to signals stands. */
  readonly sessionSignals: true | undefined;
}

/** Keeps the access token fresh (rule A3), and is where calls get it from. */
export interface Renewal extends TokenSource {
  /** Renews now. @throws FanfareError `NOT_AUTHENTICATED`, `SESSION_ENDED`, or why it failed. */
  refresh(): Promise<Session>;
  /** Plans the next renewal; to be called after each change of the session. */
  plan(): void;
  /** The page woke up: a renewal that is due by either clock goes out now. */
  wake(): void;
  stop(): void;
}

/** A failure that holds back what would only be the next one. */
interface Cooling {
  readonly of: LiveSession | null;
  /** Monotonic. */
  readonly since: number;
  readonly until: number;
  readonly wallUntil: number;
  readonly error: unknown;
}

const longestPauseMs = 60_000;
/** When a tab that waits for another's renewal looks for the first time whether it is there, where no message tells; then after twice as long each time. */
const glanceMs = 200;
/** How long a tab waits for another's renewal: for one that died with its claim, and a moment for the one that comes after it. */
const patienceMs = claimMs + 500;

/** Creates the renewal of one client. */
export function createRenewal({ holder, proverOf, transport, emitter, platform, device, sessionSignals }: RenewalOptions): Renewal {
  const { clock, random } = platform;
  const resting = createResting(device, clock);
  const alarm = createAlarm(clock);
  const flight = createSingleFlight<Session>();
  let stopped = false;
  let leaveTurn = (): void => {};
  let failures = 0;
  /** No renewal in the background before this moment: a service that hands out tokens without a life must not be asked in a loop. */
  let notBefore = 0;
  /** The last failure, answered to everybody until the next attempt, so that ten calls with a dead token are not ten refreshes. */
  let cooling: Cooling | null = null;
  /** No refused token is renewed before this moment: what the last renewal for one has brought is refused as well, and a third will be. */
  let vainUntil = 0;

  /** Whether renewing has to rest still, by both clocks: the monotonic one may have slept with the device. */
  const isCooling = (mostMs = Infinity): boolean =>
    cooling !== null && clock.monotonic() < Math.min(cooling.until, cooling.since + mostMs) && clock.now() < cooling.wallUntil;

  const askFor = async (live: LiveSession): Promise<LiveSession | null> => {
    const { key, stored } = live;
    const body = { refreshToken: stored.refreshToken, sessionSignals };
    const answer = await transport.send<TokenResponse>({ endpoint: endpoints.refreshSession, body, prove: key ? proverOf(key) : undefined, attempts: 1 });
    // A session never goes from bound to unbound (contract §6).
    if (!isTokenResponse(answer) || (key && answer.tokenType !== "DPoP")) throw unexpectedAnswer(endpoints.refreshSession.path);
    return holder.commitRenewed(answer, live);
  };

  /** One tab renews for all; the others wait for it, and not for long. */
  const takeTurn = async (mine: LiveSession): Promise<void> => {
    const giveUpAt = clock.monotonic() + patienceMs;
    for (let pauseMs = glanceMs; holder.current() === mine && !stopped; pauseMs *= 2) {
      const heldMs = await holder.claim();
      const leftMs = giveUpAt - clock.monotonic();
      // Also the last thing before going without a claim is a look at the storage: a token that was replaced meanwhile would end an unbound session.
      if (heldMs === 0 || leftMs <= 0) return;
      await new Promise<void>((resolve) => {
        const cancel = clock.setTimeout(resolve, Math.min(heldMs, pauseMs, leftMs));
        leaveTurn = () => {
          cancel();
          resolve();
        };
      });
    }
  };

  const renewOnce = async (isOwnWord: boolean): Promise<Session> => {
    const before = holder.current();
    await (before ? takeTurn(before) : holder.reload(true));
    for (let round = 0; ; round++) {
      const pause = isOwnWord ? null : await resting.current();
      const live = holder.current();
      if (!live) throw before ? sessionEnded() : new FanfareError("NOT_AUTHENTICATED", "There is no session; call auth.guest() first.");
      // Another tab was faster: its tokens are in storage already, and nothing needs to be asked.
      if (live !== before && clock.monotonic() < live.renewAt) return live.session;
      if (pause) throw pause;
      try {
        const renewed = await askFor(live);
        if (!renewed) throw sessionEnded();
        return renewed.session;
      } catch (error) {
        if (!isRefusal(error)) throw error;
        await holder.refused(live, error.details?.["reason"] === "expired" ? "expired" : "revoked", error);
        // Still somebody: another tab holds a newer refresh token, which gets one try of its own.
        if (round > 0 || !holder.current()) throw error;
      }
    }
  };

  /** `isOwnWord`: the host asks for it, whatever the service asked for. */
  const refresh = (isOwnWord = false): Promise<Session> =>
    flight(async () => {
      alarm.cancel();
      try {
        const session = await renewOnce(isOwnWord);
        failures = 0;
        cooling = null;
        notBefore = clock.monotonic() + 1_000;
        return session;
      } catch (error) {
        if (holder.current()) {
          const told = toFanfareError(error);
          failed(told);
          void resting.begin(told).then(holder.release);
        }
        throw error;
      } finally {
        plan();
      }
    });

  const failed = (error: FanfareErrorShape): void => {
    if (error.code === "DESTROYED") return;
    if (failures === 0) emitter.emit("auth:error", { error, context: "refresh" });
    const atLeastMs = error.retryable ? (error.retryAfterSeconds ?? 0) * 1000 : longestPauseMs;
    const delayMs = 500 + backoffDelayMs({ attempt: failures++, baseMs: 1_000, capMs: longestPauseMs, random, atLeastMs });
    const since = clock.monotonic();
    cooling = { of: holder.current(), since, until: since + delayMs, wallUntil: clock.now() + delayMs, error };
  };

  const inBackground = (): void =>
    void refresh().catch(() => {
      ignore("told as auth:error by refresh itself, and planned again");
    });

  const plan = (): void => {
    const live = holder.current();
    // The session has changed: whoever waits for another tab to renew it may have it now.
    leaveTurn();
    // What failed was the renewal of one that is replaced by now, by another tab or by who came next.
    if (cooling?.of !== live) {
      failures = 0;
      cooling = null;
    }
    if (stopped) return;
    if (!live) {
      vainUntil = 0;
      return alarm.cancel();
    }
    // After a failure soon, however young the token: the lost answer may have rotated it, and its parent is taken for 30 s only.
    alarm.set((cooling ? cooling.until : Math.max(live.renewAt, notBefore)) - clock.monotonic(), inBackground);
  };

  return Object.freeze<Renewal>({
    refresh: () => refresh(true),
    plan,
    wake() {
      const live = holder.current();
      // A device that is back online asks at once. Of a service that asked for a pause somebody who looks in asks no sooner than that, or once a minute.
      if (live && isDue(live, clock) && !(isCooling(longestPauseMs) && toFanfareError(cooling?.error).status)) inBackground();
    },
    async credentials() {
      const live = holder.current();
      if (!live) return null;
      if (!isDead(live, clock)) return credentialsOf(live, proverOf);
      // Only the wall clock says so: the device slept, or was set forward. One renewal tells; failing that, the token is tried.
      const mayLive = clock.monotonic() < live.deadAt;
      if (isCooling()) {
        if (mayLive) return credentialsOf(live, proverOf);
        throw cooling?.error;
      }
      return refresh().then(currentCredentials, (error) => (mayLive && holder.current() === live ? credentialsOf(live, proverOf) : orGone(error)));
    },
    async renewed(refused) {
      const live = holder.current();
      if (!live || authorizationOf(live) !== refused || clock.monotonic() < vainUntil) return currentCredentials();
      if (isCooling()) throw cooling?.error;
      return refresh().then(() => {
        vainUntil = clock.monotonic() + longestPauseMs / 2;
        return currentCredentials();
      }, orGone);
    },
    stop() {
      stopped = true;
      leaveTurn();
      alarm.cancel();
    },
  });

  function currentCredentials(): Credentials | null {
    const live = holder.current();
    return live && credentialsOf(live, proverOf);
  }

  function orGone(error: unknown): null {
    if (holder.current()) throw error;
    return null;
  }
}

function isRefusal(error: unknown): error is FanfareErrorShape {
  // `key`: the service knows this session by another one.
  return isFanfareError(error) && (error.code === "INVALID_REFRESH_TOKEN" || error.details?.["reason"] === "key");
}
