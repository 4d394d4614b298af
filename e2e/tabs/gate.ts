import { createServer, request as send } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What becomes of a request: passed on; held for ever; or passed on with its answer lost on the way back. */
export type Fate = "pass" | "hang" | "lose";

/** One request that reached the gate; `answeredAt` and `status` once the page got its answer. */
export interface Crossing {
  readonly path: string;
  readonly at: number;
  status?: number;
  answeredAt?: number;
  /** Whose tokens the answer carried, where it carried any. */
  consumer?: string;
}

/** Stands between browsers and the service: counts, holds back, loses, and shortens lives. Works the same for every browser. */
export interface Gate {
  /** Ends in `/api`. */
  readonly url: string;
  /** Decides over the nth request of a path (from 1) from now on. */
  decide(path: string, fate: (nth: number) => Fate): void;
  /** Tells pages that access tokens live this long; null for what the service says. */
  shorten(lifeSeconds: number | null): void;
  /** Requests to a path since the last `reset`, oldest first; preflights not counted. */
  crossings(path: string): readonly Crossing[];
  /** Forgets what was seen and decided, and whom tokens were given to; requests that hang are let go. */
  reset(): void;
  close(): Promise<void>;
}

interface Tokens {
  readonly refreshToken: string;
  readonly session: { readonly consumerId: string };
}

const refreshTokenIn = (body: Buffer): string => (JSON.parse(body.toString()) as Tokens).refreshToken;

const now = (): number => performance.timeOrigin + performance.now();

/** Opens a gate on the loopback. `targetPort` is asked when a request comes, because a service needs the gate's address to start. */
export async function openGate(targetPort: () => number): Promise<Gate> {
  let seen: Crossing[] = [];
  let fates = new Map<string, (nth: number) => Fate>();
  let life: number | null = null;
  let given = new Set<string>();

  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const path = new URL(incoming.url ?? "/", "http://gate").pathname.replace(/^\/api/, "");
    const isCounted = incoming.method !== "OPTIONS";
    const crossing: Crossing = { path, at: now() };
    const body = await read(incoming);
    // A browser sends again what it lost with its connection, even for a page of the case before: that is none of this one's refreshes.
    if (isCounted && path === "/auth/refresh" && !given.has(refreshTokenIn(body))) return void outgoing.destroy();
    if (isCounted) seen.push(crossing);
    const fate = isCounted ? (fates.get(path)?.(seen.filter((each) => each.path === path).length) ?? "pass") : "pass";
    if (fate === "hang") return;
    const answer = await pass(targetPort(), incoming, body);
    const tokens = answer.body.includes('"expiresInSeconds"') ? (JSON.parse(answer.body.toString()) as Tokens) : null;
    if (tokens !== null) given.add(tokens.refreshToken);
    if (fate === "lose") return void outgoing.destroy();
    if (tokens !== null) crossing.consumer = tokens.session.consumerId;
    const bytes = tokens === null || life === null ? answer.body : Buffer.from(JSON.stringify({ ...tokens, expiresInSeconds: life }));
    crossing.status = answer.status;
    crossing.answeredAt = now();
    outgoing.writeHead(answer.status, { ...answer.headers, "content-length": bytes.length });
    outgoing.end(bytes);
  };
  const server = createServer((incoming, outgoing) => void serve(incoming, outgoing).catch(() => outgoing.destroy()));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;

  return Object.freeze<Gate>({
    url: `http://127.0.0.1:${port}/api`,
    decide: (path, fate) => void fates.set(path, fate),
    shorten: (lifeSeconds) => void (life = lifeSeconds),
    crossings: (path) => seen.filter((each) => each.path === path),
    reset: () => {
      // With whatever a page that is gone had sent and nobody has read yet.
      server.closeAllConnections();
      seen = [];
      fates = new Map();
      life = null;
      given = new Set();
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
}

function pass(port: number, { method, url, headers }: IncomingMessage, body: Buffer): Promise<{ status: number; headers: object; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const request = send({ host: "127.0.0.1", port, method, path: url, headers }, (response) => {
      read(response).then((bytes) => resolve({ status: response.statusCode ?? 502, headers: response.headers, body: bytes }), reject);
    });
    request.on("error", reject);
    request.end(body);
  });
}

async function read(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
