import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One scripted answer of the peer. */
export type Reply = "hang up" | "stay silent" | { readonly status: number; readonly body: unknown; readonly headers?: Readonly<Record<string, string>> };

/** A real HTTP server on a free loopback port that answers from a script and remembers what it was asked. */
export interface Peer {
  readonly url: string;
  readonly requests: { readonly method: string; readonly path: string; readonly authorization: string | undefined; readonly body: unknown }[];
  close(): Promise<void>;
}

/** Starts the peer. A GET takes its answer from `pages`, so that keys can be published beside the script. */
export async function startPeer(replies: readonly Reply[], pages: Record<string, unknown> = {}): Promise<Peer> {
  const script = [...replies];
  const requests: Peer["requests"] = [];
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const { method = "", url = "", headers } = request;
      requests.push({ method, path: url, authorization: headers.authorization, body });
      const page = method === "GET" ? { status: url in pages ? 200 : 404, body: pages[url] ?? {} } : undefined;
      send(response, page ?? script.shift() ?? { status: 500, body: "the script is over" });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text === "" ? undefined : JSON.parse(text);
}

function send(response: ServerResponse, reply: Reply): void {
  if (reply === "stay silent") return;
  if (reply === "hang up") {
    response.destroy();
    return;
  }
  response.writeHead(reply.status, { "content-type": "application/json", ...reply.headers });
  response.end(typeof reply.body === "string" ? reply.body : JSON.stringify(reply.body));
}
