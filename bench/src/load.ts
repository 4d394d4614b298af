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
  const result = await autocannon({
    url: options.url,
    connections: options.connections,
    amount: options.amount,
    timeout: 30,
    requests: [
      {
        setupRequest: (request) => {
          const { method, path, headers, body } = options.next();
          return { ...request, method, path, headers: { ...headers }, ...(body === undefined ? {} : { body }) };
        },
        ...(options.onBody === undefined ? {} : { onResponse: (_status: number, body: string) => options.onBody?.(body) }),
      },
    ],
  });
  const seconds = (performance.now() - started) / 1000;
  if (result["2xx"] !== options.amount)
    throw new Error(`${options.url}: ${result["2xx"]} of ${options.amount} answered 2xx, ${result.non2xx} otherwise, ${result.errors} failed.`);
  return { perSecond: options.amount / seconds, p50: result.latency.p50, p99: result.latency.p99 };
}
