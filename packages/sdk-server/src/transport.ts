import { errorFromAnswer, errorFromFailure, parseObject, unreadableAnswer } from "./answers.ts";
import type { CheckedConfig } from "./config.ts";
import type { FanfareError } from "./fanfare-error.ts";

/**
 * When a call may be repeated. `never`: its bytes may have taken effect. `when_refused`: only after the service itself said "not now".
 * `whenever_it_may_help`: the call is idempotent, so also after a lost answer.
 */
export type RetryPolicy = "never" | "when_refused" | "whenever_it_may_help";

/** Calls the service with the secret key. */
export interface Transport {
  post<T>(path: string, body: Readonly<Record<string, unknown>>, retry: RetryPolicy): Promise<T>;
}

const attempts = 4;
const firstPauseMs = 200;
// A shopper waits behind these calls: a longer Retry-After is the caller's to handle.
const longestPauseMs = 5_000;

/** The one place that talks to the service and decides about retries. */
export function createTransport(config: CheckedConfig): Transport {
  return Object.freeze<Transport>({
    async post<T>(path: string, body: Readonly<Record<string, unknown>>, retry: RetryPolicy): Promise<T> {
      for (let attempt = 1; ; attempt++) {
        const answer = await ask<T>(config, path, body);
        if ("value" in answer) return answer.value;
        const pauseMs = pauseBefore(attempt, answer.error, config.platform.random());
        if (attempt === attempts || !mayRepeat(retry, answer.error) || pauseMs > longestPauseMs) throw answer.error;
        await config.platform.wait(pauseMs);
      }
    },
  });
}

type Answer<T> = { readonly value: T } | { readonly error: FanfareError };

async function ask<T>(config: CheckedConfig, path: string, body: Readonly<Record<string, unknown>>): Promise<Answer<T>> {
  try {
    const response = await config.platform.fetch(config.apiUrl + path, {
      method: "POST",
      headers: { authorization: `Bearer ${config.secretKey}`, "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify(body),
      // A redirect must not carry the secret key elsewhere; "error" is not known to every edge runtime.
      redirect: "manual",
      signal: AbortSignal.timeout(config.timeoutMs),
    });
    const text = await response.text();
    if (!response.ok) return { error: errorFromAnswer(response, text) };
    const value = parseObject(text);
    return value === null ? { error: unreadableAnswer(response) } : { value: value as T };
  } catch (cause) {
    return { error: errorFromFailure(cause, config.timeoutMs) };
  }
}

const notNow: ReadonlySet<string> = new Set(["RATE_LIMITED", "SERVICE_OVERLOADED", "SERVICE_UNAVAILABLE"]);

function mayRepeat(retry: RetryPolicy, error: FanfareError): boolean {
  if (retry === "never" || !error.retryable) return false;
  return retry === "whenever_it_may_help" || notNow.has(error.code);
}

// Full jitter: a launch ends many checkouts in the same second.
function pauseBefore(attempt: number, error: FanfareError, random: number): number {
  const jittered = random * firstPauseMs * 2 ** (attempt - 1);
  return error.retryAfterSeconds === undefined ? jittered : error.retryAfterSeconds * 1000 + jittered;
}
