/** Another server answered with something else than 200 and JSON of a bearable size. `status` is 0 where the answer itself was of no use. */
export class FetchRefused extends Error {
  override readonly name = "FetchRefused";
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Asks another server for JSON, until `stopping`. Raises `FetchRefused` for an answer that is none, and whatever fetch raises where there is no answer. */
export type FetchJson = (url: string, stopping: AbortSignal) => Promise<unknown>;

/** Makes the question. Redirections are not followed: whoever configured an address meant that one. */
export function createFetchJson(limits: { readonly timeoutMs: number; readonly maxBytes: number }): FetchJson {
  return async (url, stopping) => {
    const signal = AbortSignal.any([stopping, AbortSignal.timeout(limits.timeoutMs)]);
    const response = await fetch(url, { headers: { accept: "application/json" }, redirect: "error", signal });
    if (response.status !== 200 || response.body === null) {
      await response.body?.cancel();
      throw new FetchRefused(response.status, `It answered ${response.status}.`);
    }
    const text = await readAtMost(response.body, limits.maxBytes);
    try {
      return JSON.parse(text) as unknown;
    } catch {
      throw new FetchRefused(0, "It did not answer with JSON.");
    }
  };
}

async function readAtMost(body: ReadableStream<Uint8Array>, maxBytes: number): Promise<string> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of body) {
    length += piece.length;
    if (length > maxBytes) throw new FetchRefused(0, `It answered with more than ${maxBytes} bytes.`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}
