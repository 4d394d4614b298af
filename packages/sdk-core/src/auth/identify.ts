import type { AuthenticatedSession, AuthErrorContext, AuthModule, FanfareEvents, OtpChallenge, TokenResponse } from "@fanfare-io/fanfare-contract";
import type { Emitter } from "../lib/emitter.ts";
import type { AuthorizedTransport } from "../transport/authorized.ts";
import { endpoints } from "../transport/endpoints.ts";
import type { Endpoint } from "../transport/endpoints.ts";
import { FanfareError, toFanfareError, unexpectedAnswer } from "../transport/fanfare-error.ts";
import { bindingOf } from "./live-session.ts";
import type { SessionWriter } from "./session-writer.ts";
import { isTokenResponse } from "./token-response.ts";

/** What identifying needs from outside. */
export interface IdentifyOptions {
  readonly holder: SessionWriter;
  readonly authorized: AuthorizedTransport;
  readonly emitter: Emitter<FanfareEvents>;
}

/** Makes the three ways from a guest to somebody known. A live guest session goes along, so that the service can link it. */
export function createIdentify({ holder, authorized, emitter }: IdentifyOptions): Pick<AuthModule, "requestOtp" | "verifyOtp" | "exchangeExternal"> {
  const told = async <T>(context: AuthErrorContext, task: () => Promise<T>): Promise<T> => {
    try {
      return await task();
    } catch (error) {
      const shaped = toFanfareError(error);
      emitter.emit("auth:error", { error: shaped, context });
      throw shaped;
    }
  };
  const open = async (endpoint: Endpoint, body: unknown): Promise<AuthenticatedSession> => {
    const epoch = holder.epoch();
    const live = holder.current();
    const answer = await authorized.sendAsWhoever<TokenResponse>({ endpoint, body, attempts: 1 });
    if (!isTokenResponse(answer) || answer.session.type !== "authenticated") throw unexpectedAnswer(endpoint.path);
    const taken = await holder.commitOpened(answer, epoch, live && bindingOf(live));
    if (taken?.session.type !== "authenticated") throw new FanfareError("SESSION_ENDED", "The session was ended while the identity was being proved.");
    return taken.session;
  };
  return {
    requestOtp: (to) => told("otp", () => authorized.sendAsWhoever<OtpChallenge>({ endpoint: endpoints.requestOtp, body: to, attempts: 1 })),
    verifyOtp: (answer) => told("otp", () => open(endpoints.verifyOtp, answer)),
    exchangeExternal: ({ exchangeCode }) => told("exchange", () => open(endpoints.exchangeExternal, { exchangeCode })),
  };
}
