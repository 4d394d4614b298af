import type { SimulatedClock } from "./simulated-clock.ts";

/** A request as the script sees it. */
export interface ScriptedRequest {
  readonly method: string;
  /** Below the API, without query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
  /** The line of the script that answers it, `POST /queues/:id/enter`. */
  readonly line: string;
}

/** An answer of the script, `events` where it goes on; `lost` = the connection breaks, `never` = nothing comes until the caller gives up. */
export type ScriptedAnswer =
  | { readonly status: number; readonly body?: unknown; readonly events?: ReadableStream<Uint8Array>; readonly headers?: Record<string, string> }
  | "lost"
  | "never";

/** What answers a line: one answer for every request, or a function of the request, now or later. */
export type Script = ScriptedAnswer | ((request: ScriptedRequest) => ScriptedAnswer | Promise<ScriptedAnswer>);

/** Answers the SDK's requests from a script, and remembers them. */
export interface ScriptedService {
  readonly fetch: typeof fetch;
  /** Sets what answers a line from now on. */
  answer(line: string, script: Script): void;
  /** What answers a line now. */
  script(line: string): Script | undefined;
  readonly requests: readonly ScriptedRequest[];
  /** Requests of a line so far. */
  count(line: string): number;
}

/** An error body of the contract. */
export function refusal(status: number, error: string, details?: Record<string, unknown>, headers: Record<string, string> = {}): ScriptedAnswer {
  return { status, body: { error, message: `Refused: ${error}`, requestId: "req_test", ...(details && { details }) }, headers };
}

/** A service without any line yet: what is not scripted is a network error, so that no request passes unnoticed. */
export function createScriptedService(clock: SimulatedClock, apiUrl = "https://api.test/api"): ScriptedService {
  const lines = new Map<string, Script>();
  const requests: ScriptedRequest[] = [];
  const serve: typeof fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const path = url.pathname.slice(new URL(apiUrl).pathname.length);
    const line = [...lines.keys()].find((it) => matches(it, `${init?.method ?? "GET"} ${path}`)) ?? "";
    const sent = typeof init?.body === "string" ? (JSON.parse(init.body) as Record<string, unknown>) : {};
    const request: ScriptedRequest = { method: init?.method ?? "GET", path, query: url.searchParams, headers: new Headers(init?.headers), body: sent, line };
    requests.push(request);
    const script = lines.get(line);
    const aborted = new Promise<never>((_resolve, reject) => {
      init?.signal?.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
    });
    const answer = await Promise.race([aborted, typeof script === "function" ? script(request) : (script ?? "lost")]);
    if (answer === "never") return aborted;
    if (answer === "lost") throw new TypeError("fetch failed");
    const type = answer.events === undefined ? {} : { "content-type": "text/event-stream" };
    const body = answer.events ?? (answer.body === undefined ? null : JSON.stringify(answer.body));
    return new Response(body, { status: answer.status, headers: { date: new Date(clock.now()).toUTCString(), ...type, ...answer.headers } });
  };
  return {
    fetch: serve,
    answer: (line, script) => void lines.set(line, script),
    script: (line) => lines.get(line),
    requests,
    count: (line) => requests.filter((request) => request.line === line).length,
  };
}

function matches(line: string, asked: string): boolean {
  return new RegExp(`^${line.replace(/:\w+/g, "[^/]+")}$`).test(asked);
}
