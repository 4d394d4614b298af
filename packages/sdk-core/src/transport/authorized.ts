import type { Call, Transport } from "./transport.ts";
import { FanfareError, isFanfareError } from "./fanfare-error.ts";

/** Where access tokens come from. */
export interface TokenSource {
  /** The `Authorization` value of the live session, renewed first where it has run out; null without a session. */
  authorization(): Promise<string | null>;
  /** After the service refused this value: a newer one, or null when the session is gone. */
  renewed(refused: string): Promise<string | null>;
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
    const authorization = await tokens.authorization();
    if (authorization === null) return orElse();
    try {
      return await transport.send<T>({ ...call, authorization });
    } catch (error) {
      if (!isFanfareError(error) || error.status !== 401 || !error.code.endsWith("ACCESS_TOKEN")) throw error;
      const fresh = await tokens.renewed(authorization);
      return fresh === null ? orElse() : transport.send<T>({ ...call, authorization: fresh });
    }
  };
  return Object.freeze<AuthorizedTransport>({
    send: (call) => sendWith(call, () => Promise.reject(new FanfareError("NOT_AUTHENTICATED", "There is no session; call auth.guest() first."))),
    sendAsWhoever: (call) => sendWith(call, () => transport.send(call)),
  });
}
