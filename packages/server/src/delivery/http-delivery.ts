import { attemptMs, DeliveryFailed, DeliveryRefused } from "./message.ts";

/** What a provider is asked with. */
export interface DeliveryRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What may be put right without the message being another one: keys, limits, timeouts. */
const passing = new Set([401, 403, 404, 408, 409, 425, 429]);

/** Posts a message to a provider. Raises `DeliveryRefused` for what says that this message will never be taken, else `DeliveryFailed`. */
export async function postDelivery(fetch: typeof globalThis.fetch, { url, headers, body }: DeliveryRequest): Promise<void> {
  let status: number;
  try {
    // Wherever a redirect leads, nobody set it up to be told codes.
    const response = await fetch(url, { method: "POST", headers, body, redirect: "error", signal: AbortSignal.timeout(attemptMs) });
    ({ status } = response);
    await response.body?.cancel();
  } catch (error) {
    throw new DeliveryFailed(error instanceof Error && error.name === "TimeoutError" ? "timeout" : "unreachable");
  }
  if (status >= 200 && status < 300) return;
  if (status >= 400 && status < 500 && !passing.has(status)) throw new DeliveryRefused(`http_${status}`);
  throw new DeliveryFailed(`http_${status}`);
}
