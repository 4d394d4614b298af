import autocannon from "autocannon";

/** One request of a load, made when it is sent. */
export interface LoadRequest {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What a load is. Bounded in count; every request must succeed. */
export interface LoadOptions {
  readonly url: string;
  readonly connections: number;
  readonly amount: number;
  readonly next: () => LoadRequest;
  /** Sees each body that came back. */
  readonly onBody?: (body: string) => void;
}

/** Figures of one load. Latencies in milliseconds. */
export interface LoadFigures {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

/** Sends a load over keep-alive connections to the loopback interface. Raises when any request failed: figures of refusals are no figures. */
export async function sendLoad(options: LoadOptions): Promise<LoadFigures> {
  const started = performance.now();
  let answered = started;
  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    const instance = autocannon(settingsOf(options), (error: Error | null, figures) => (error === null ? resolve(figures) : reject(error)));
    // The generator itself only notices the end at its next full second.
    instance.on("response", () => (answered = performance.now()));
  });
  if (result["2xx"] !== options.amount)
    throw new Error(`${options.url}: ${result["2xx"]} of ${options.amount} answered 2xx, ${result.non2xx} otherwise, ${result.errors} failed.`);
  return { perSecond: (options.amount * 1000) / (answered - started), p50: result.latency.p50, p99: result.latency.p99 };
}

function settingsOf({ url, connections, amount, next, onBody }: LoadOptions): autocannon.Options {
  const setupRequest = (request: autocannon.Request): autocannon.Request => {
    const { method, path, headers, body } = next();
    return { ...request, method, path, headers: { ...headers }, ...(body === undefined ? {} : { body }) };
  };
  const onResponse = onBody === undefined ? {} : { onResponse: (_status: number, body: string) => onBody(body) };
  return { url, connections, amount, timeout: 30, requests: [{ setupRequest, ...onResponse }] };
}
