import { Agent as HttpAgent, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";

/** What a service answered. */
export interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly etag: string | undefined;
  readonly retryAfterSeconds: number | undefined;
}

/** One call. */
export interface Call {
  /** Names it in figures. */
  readonly route: string;
  readonly method: "GET" | "POST";
  /** Absolute. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** Keep-alive connections to a service, never more than so many at once; whoever finds none free waits in line. */
export interface Connection {
  /** Raises what the network raised when nothing answered. */
  send(call: Call): Promise<Reply>;
  /** Calls that wait for a connection. */
  waiting(): number;
  close(): void;
}

const patienceMs = 30_000;

/** Opens the connections; `onAnswer` hears how long each answer took, counted from when a connection was free for its question. */
export function openConnection(options: {
  readonly connections: number;
  readonly now: () => number;
  readonly onAnswer: (route: string, milliseconds: number) => void;
}): Connection {
  const settings = { keepAlive: true, maxSockets: options.connections, maxFreeSockets: options.connections, noDelay: true };
  const agents = { "http:": new HttpAgent(settings), "https:": new HttpsAgent(settings) };
  const line: (() => void)[] = [];
  let free = options.connections;

  async function send(call: Call): Promise<Reply> {
    if (free === 0) await new Promise<void>((resolve) => line.push(resolve));
    else free--;
    try {
      const askedAt = options.now();
      const reply = await exchange(call, agents);
      options.onAnswer(call.route, options.now() - askedAt);
      return reply;
    } finally {
      const next = line.shift();
      if (next === undefined) free++;
      else next();
    }
  }

  return Object.freeze<Connection>({
    send,
    waiting: () => line.length,
    close() {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  });
}

function exchange({ method, url, headers, body }: Call, agents: Readonly<Record<"http:" | "https:", HttpAgent | HttpsAgent>>): Promise<Reply> {
  const secure = url.startsWith("https:");
  const text = body === undefined ? undefined : JSON.stringify(body);
  const sent = text === undefined ? headers : { ...headers, "content-type": "application/json", "content-length": String(Buffer.byteLength(text)) };
  return new Promise((resolve, reject) => {
    const asking = (secure ? httpsRequest : httpRequest)(url, {
      method,
      headers: sent,
      agent: agents[secure ? "https:" : "http:"],
      timeout: patienceMs,
    });
    asking.on("response", (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("error", reject);
      answer.on("end", () => {
        const retryAfter = Number(answer.headers["retry-after"]);
        const said = Buffer.concat(chunks).toString();
        const retryAfterSeconds = answer.headers["retry-after"] === undefined || Number.isNaN(retryAfter) ? undefined : retryAfter;
        resolve({ status: answer.statusCode ?? 0, body: parsed(said), etag: answer.headers.etag, retryAfterSeconds });
      });
    });
    asking.on("timeout", () => asking.destroy(new Error("No answer within half a minute.")));
    asking.on("error", reject);
    asking.end(text);
  });
}

function parsed(text: string): unknown {
  try {
    return text === "" ? null : JSON.parse(text);
  } catch {
    return null;
  }
}
