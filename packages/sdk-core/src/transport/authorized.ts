import type { FanfareErrorShape } from "@fanfare-io/fanfare-contract";
import type { Call, Prove, Transport } from "./transport.ts";
import { FanfareError, isFanfareError } from "./fanfare-error.ts";

/** What a call in the consumer's name shows. */
export interface Credentials {
  readonly authorization: string;
  /** Where the session is bound to a key. */
  readonly prove?: Prove | undefined;
}

/** Where credentials come from. */
export interface TokenSource {
  /** Those of the live session, renewed first where its token has run out; null without a session. */
  credentials(): Promise<Credentials | null>;
  /** After the service refused this `Authorization`: newer ones, the same where a renewal would bring none that is better, or null when the session is gone. */
  renewed(refused: string): Promise<Credentials | null>;
}

/** Sends calls in the consumer's name. */
export interface AuthorizedTransport {
  /** @throws FanfareError `NOT_AUTHENTICATED` without a session, else as {@link Transport.send}. */
  send<T>(call: Call): Promise<T>;
  /** In the consumer's name while there is a session, else with the publishable key alone. */
  sendAsWhoever<T>(call: Call): Promise<T>;
}

/** One refused token is renewed once (rule A3); a second refusal is the caller's. */
export function createAuthorizedTransport(transport: Transport, tokens: TokenSource): AuthorizedTransport {
  const sendWith = async <T>(call: Call, orElse: () => Promise<T>): Promise<T> => {
    const shown = await tokens.credentials();
    if (shown === null) return orElse();
    try {
      return await transport.send<T>({ ...call, ...shown });
    } catch (error) {
      if (!isFanfareError(error) || !mayBeRenewed(error)) throw error;
      const fresh = await tokens.renewed(shown.authorization);
      if (fresh?.authorization === shown.authorization) throw error;
      return fresh === null ? orElse() : transport.send<T>({ ...call, ...fresh });
    }
  };
  return Object.freeze<AuthorizedTransport>({
    send: (call) => sendWith(call, () => Promise.reject(new FanfareError("NOT_AUTHENTICATED", "There is no session; call auth.guest() first."))),
    sendAsWhoever: (call) => sendWith(call, () => transport.send(call)),
  });
}

/** A token that is over, or a key that is gone, which the renewal will find out about for good. */
function mayBeRenewed({ status, code, details }: FanfareErrorShape): boolean {
  return (status === 401 && code.endsWith("ACCESS_TOKEN")) || details?.["reason"] === "key";
}
