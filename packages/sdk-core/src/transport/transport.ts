import type { Challenge, ChallengeAnswer, Platform } from "@fanfare-io/fanfare-contract";
import { readAnswer } from "./answer.ts";
import { endpoints } from "./endpoints.ts";
import type { Endpoint } from "./endpoints.ts";
import { FanfareError, partMissing, toFanfareError } from "./fanfare-error.ts";
import { retryDelayMs } from "./retry.ts";

/** What a proof of a key has to name. */
export interface ProofRequest {
  readonly method: string;
  /** Without query. */
  readonly url: string;
  /** The service's latest. */
  readonly nonce: string | undefined;
  /** The service's wall clock as far as it is known. */
  readonly atSeconds: number;
}

/** Makes the proof of one request. */
export type Prove = (request: ProofRequest) => Promise<string>;

/** One request, before credentials. */
export interface Call {
  readonly endpoint: Endpoint;
  /** Fills the `:parameter` of the path. */
  readonly id?: string;
  readonly query?: string;
  readonly body?: unknown;
  /** The `Authorization` header. */
  readonly authorization?: string | undefined;
  /** Makes the `DPoP` header, anew for each sending. */
  readonly prove?: Prove | undefined;
  /**
   * Asks for what is the same for everybody: the publishable key in the address, no header that would need a preflight or divide a cache.
   * A shared cache may answer, and the browser's own asks it each time.
   */
  readonly shared?: true;
  /** Whether events will do as well: such an answer is handed over as the `Response`, to be read on. */
  readonly events?: boolean;
  /** How often to send it at most. @defaultValue 3 */
  readonly attempts?: number;
  /** Hears the status of a success. */
  readonly heard?: (status: number) => void;
  /** Lets the request outlive the page. */
  readonly keepalive?: boolean;
}

/** Sends calls to the service: publishable key, time-out, retries, one error shape. */
export interface Transport {
  /** @throws FanfareError `NETWORK_ERROR`, `TIMEOUT`, `DESTROYED`, or a code of the catalog. */
  send<T>(call: Call): Promise<T>;
  /** The service's wall clock as far as it is known, in milliseconds: the device's may be wrong by a day. */
  serverNow(): number;
  stop(): void;
}

/** What the transport needs from outside. */
export interface TransportOptions {
  readonly apiUrl: string;
  readonly publishableKey: string;
  readonly platform: Pick<Platform, "clock" | "fetch" | "random">;
}

const timeoutMs = 10_000;

/** Creates the transport of one client. */
export function createTransport({ apiUrl, publishableKey, platform }: TransportOptions): Transport {
  const { clock, random } = platform;
  const stopped = new AbortController();
  let offsetMs = 0;
  let nonce: string | undefined;

  const headersOf = async (call: Call): Promise<Record<string, string>> => {
    if (call.shared) return { accept: "application/json" };
    const headers: Record<string, string> = { accept: `${call.events ? "text/event-stream, " : ""}application/json`, "x-publishable-key": publishableKey };
    if (call.authorization) headers["authorization"] = call.authorization;
    if (call.endpoint.method === "POST") headers["content-type"] = "application/json";
    if (call.prove) {
      const url = urlOf(apiUrl, { ...call, query: "" });
      headers["dpop"] = await call.prove({ method: call.endpoint.method, url, nonce, atSeconds: Math.floor((clock.now() + offsetMs) / 1000) });
    }
    return headers;
  };

  const attemptOnce = async (call: Call): Promise<unknown> => {
    const aborter = new AbortController();
    let late = false;
    const abort = (): void => aborter.abort();
    const cancelTimeout = clock.setTimeout(() => {
      late = true;
      abort();
    }, timeoutMs);
    stopped.signal.addEventListener("abort", abort);
    try {
      const response = await platform.fetch(
        urlOf(apiUrl, call.shared ? { ...call, query: `pk=${encodeURIComponent(publishableKey)}` } : call),
        requestInit(call, await headersOf(call), aborter.signal),
      );
      const date = Date.parse(response.headers.get("date") ?? "");
      // What a cache kept was true when it was said.
      if (date && !call.shared) offsetMs = date - clock.now();
      nonce = response.headers.get("dpop-nonce") ?? nonce;
      if (call.events && response.headers.get("content-type")?.includes("event-stream")) return response;
      const answer = await readAnswer(response, call.endpoint.path, clock.now() + offsetMs);
      call.heard?.(response.status);
      return answer;
    } catch (error) {
      if (error instanceof FanfareError) throw error;
      if (stopped.signal.aborted) throw destroyed();
      if (late) throw new FanfareError("TIMEOUT", `The service did not answer within ${timeoutMs / 1000} s.`, { retryable: true });
      throw new FanfareError("NETWORK_ERROR", "The service could not be reached; is the device online, and apiUrl right?", { retryable: true, cause: error });
    } finally {
      cancelTimeout();
      stopped.signal.removeEventListener("abort", abort);
    }
  };

  const pause = (delayMs: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const onStop = (): void => {
        cancel();
        reject(destroyed());
      };
      const cancel = clock.setTimeout(() => {
        stopped.signal.removeEventListener("abort", onStop);
        resolve();
      }, delayMs);
      stopped.signal.addEventListener("abort", onStop, { once: true });
    });

  // What the refusal does not name goes without saying to the service too.
  const work = async ({ details: { purpose, effort } = {} }: FanfareError): Promise<ChallengeAnswer | null> => {
    const { doWork } = await import("./work.ts").catch(partMissing);
    return doWork(await transport.send<Challenge>({ endpoint: endpoints.createChallenge, body: { purpose, effort } }), clock);
  };

  const transport = Object.freeze<Transport>({
    async send<T>(asked: Call): Promise<T> {
      let call = asked;
      let isAsked = false;
      for (let attempt = 0; ; attempt++) {
        if (stopped.signal.aborted) throw destroyed();
        try {
          return (await attemptOnce(call)) as T;
        } catch (error) {
          // The refusal brought the nonce along: the same request, proved with it, goes out at once (RFC 9449 §8).
          if (!isAsked && call.prove && (error as Partial<FanfareError>).code === "USE_DPOP_NONCE") {
            isAsked = true;
            attempt--;
            continue;
          }
          // Many share this address, or the launch is in demand: the device does a little work, the shopper nothing.
          if (call === asked && (error as Partial<FanfareError>).code === "CHALLENGE_REQUIRED") {
            const challenge = await work(error as FanfareError);
            if (challenge === null) throw error;
            call = { ...asked, body: { ...(asked.body as object | undefined), challenge } };
            attempt--;
            continue;
          }
          const delayMs = retryDelayMs(toFanfareError(error), attempt, call.attempts ?? 3, random);
          if (delayMs === null) throw error;
          await pause(delayMs);
        }
      }
    },
    serverNow: () => clock.now() + offsetMs,
    stop: () => stopped.abort(),
  });
  return transport;
}

/** What every call is answered after `destroy()`. */
export function destroyed(): FanfareError {
  return new FanfareError("DESTROYED", "This SDK instance was destroyed; call initFanfare again.");
}

function urlOf(apiUrl: string, { endpoint, id, query }: Call): string {
  const path = endpoint.path.replace(/:\w+/, encodeURIComponent(id ?? ""));
  return `${apiUrl}${path}${query ? `?${query}` : ""}`;
}

function requestInit(call: Call, headers: Record<string, string>, signal: AbortSignal): RequestInit {
  return {
    method: call.endpoint.method,
    headers,
    signal,
    credentials: "omit",
    cache: call.shared ? "no-cache" : "no-store",
    ...(call.endpoint.method === "POST" && { body: JSON.stringify(call.body ?? {}) }),
    ...(call.keepalive && { keepalive: true }),
  };
}
