import type { AuthenticatedSession, AuthErrorContext, AuthModule, FanfareEvents, OtpChallenge, Platform, TokenResponse } from "@fanfare-io/fanfare-contract";
import type { Emitter } from "../lib/emitter.ts";
import type { AuthorizedTransport } from "../transport/authorized.ts";
import { endpoints } from "../transport/endpoints.ts";
import type { Endpoint } from "../transport/endpoints.ts";
import { isFanfareError, toFanfareError, unexpectedAnswer } from "../transport/fanfare-error.ts";
import type { Transport } from "../transport/transport.ts";
import { bindingOf } from "./answered-session.ts";
import { obtainCredential } from "./credential.ts";
import type { Credential, CredentialOptions } from "./credential.ts";
import { createExternalSecret } from "./external-secret.ts";
import type { ExternalSecretOptions } from "./external-secret.ts";
import type { BindingKey } from "./live-session.ts";
import type { MakeProver } from "./proving.ts";
import type { Revocations } from "./revocations.ts";
import type { SessionWriter } from "./session-writer.ts";
import { sessionEnded } from "./tab-session.ts";
import { isTokenResponse } from "./token-response.ts";

/** What identifying needs from outside. */
export interface IdentifyOptions extends CredentialOptions, ExternalSecretOptions {
  readonly holder: SessionWriter;
  readonly authorized: AuthorizedTransport;
  readonly transport: Transport;
  readonly proverOf: MakeProver;
  readonly revocations: Revocations;
  readonly emitter: Emitter<FanfareEvents>;
  readonly platform: Platform;
}

type Identifying = Pick<AuthModule, "requestOtp" | "verifyOtp" | "beginExternal" | "exchangeExternal">;

/**
 * Makes the ways from a guest to somebody known. A live session goes along, so that the service can link it; without one the device key
 * does, so that a code is worth something only in the browser that asked for it (contract §8), and what it opens is bound.
 */
export function createIdentify(options: IdentifyOptions): Identifying {
  const { holder, authorized, transport, proverOf, revocations, emitter } = options;
  const secret = createExternalSecret(options);

  const told = async <T>(context: AuthErrorContext, task: () => Promise<T>): Promise<T> => {
    try {
      return await task();
    } catch (error) {
      const shaped = toFanfareError(error);
      if (shaped.code !== "DESTROYED") emitter.emit("auth:error", { error: shaped, context });
      throw shaped;
    }
  };

  /** Sends with what this browser can show. Once: a code that was sent or used twice is not the same as once. */
  const send = async <T>(endpoint: Endpoint, body: unknown): Promise<{ readonly answer: T; readonly binding: BindingKey | null }> => {
    await holder.reload(true);
    const live = holder.current();
    if (live) {
      try {
        return { answer: await authorized.send<T>({ endpoint, body, attempts: 1 }), binding: bindingOf(holder.current() ?? live) };
      } catch (error) {
        // A guest who came back too late has ended meanwhile, and is told so; whoever it is may still say who they are.
        if (holder.current() || !isFanfareError(error) || error.code !== "NOT_AUTHENTICATED") throw error;
      }
    }
    const credential = await obtainCredential(options);
    const binding = typeof credential === "string" ? null : credential;
    try {
      return { answer: await transport.send<T>({ endpoint, body, attempts: 1, prove: binding ? proverOf(binding.key) : undefined }), binding };
    } catch (error) {
      await replaceRetired(credential, error);
      throw error;
    }
  };
  /** A key that the service takes no longer would be refused for ever: the next try comes with a new one. */
  const replaceRetired = async (credential: Credential, error: unknown): Promise<void> => {
    if (isFanfareError(error) && ["KEY_RETIRED", "KEY_IN_USE", "SESSION_UPGRADED"].includes(error.code)) await obtainCredential(options, credential);
  };

  const open = async (endpoint: Endpoint, body: unknown): Promise<AuthenticatedSession> => {
    // Another tab's session is found before the epoch is taken, so that following it does not look like having been overtaken.
    const before = holder.logouts();
    await holder.reload(true);
    if (before !== holder.logouts()) throw sessionEnded();
    const epoch = holder.epoch();
    const { answer, binding } = await send<TokenResponse>(endpoint, body);
    if (!isTokenResponse(answer) || answer.session.type !== "authenticated") throw unexpectedAnswer(endpoint.path);
    const taken = await holder.commitOpened(answer, epoch, binding);
    return taken?.session.type === "authenticated" ? taken.session : revocations.undo(answer, binding);
  };

  return {
    requestOtp: (to) => told("otp", async () => (await send<OtpChallenge>(endpoints.requestOtp, to)).answer),
    verifyOtp: (answer) => told("otp", () => open(endpoints.verifyOtp, answer)),
    beginExternal: () => told("exchange", async () => ({ codeChallenge: await secret.challenge() })),
    exchangeExternal: ({ exchangeCode }) =>
      told("exchange", async () => {
        const codeVerifier = await secret.verifier();
        const session = await open(endpoints.exchangeExternal, { exchangeCode, ...(codeVerifier !== null && { codeVerifier }) });
        await secret.forget();
        return session;
      }),
  };
}
