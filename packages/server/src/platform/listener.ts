import { createServer } from "node:http";
import type { RequestListener, Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { errorCatalog } from "@fanfare-io/fanfare-contract";
import type { ErrorBody, ErrorCode } from "@fanfare-io/fanfare-contract";
import { ConfigError } from "./config.ts";
import { pause } from "./pause.ts";

/** A plane that listens. */
export interface Listener {
  readonly address: AddressInfo;
  /** Whether to take new connections. Those that come while it does not are hung up on, which costs less than any answer. */
  accept(accepting: boolean): void;
  /** Answers what is on its way and says that it is the last on its connection, then stops accepting; hangs up `deadlineMs` from now. */
  drain(deadlineMs: number): Promise<void>;
}

/** The port belongs to somebody else: the message is for whoever started the service. */
export class PortTakenError extends Error {
  override readonly name = "PortTakenError";
}

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  /** Names the variable that moves it, for the error. */
  readonly variable: string;
  readonly newRequestId: () => string;
}

/** Starts to listen, with time-outs and limits for peers that are slow on purpose. Raises `PortTakenError`, and `ConfigError` for an address or a port that is not to be had. */
export async function listen(options: ListenOptions, onRequest: RequestListener): Promise<Listener> {
  let draining = false;
  let heard = 0;
  const server = createServer(
    {
      headersTimeout: 10_000,
      requestTimeout: 20_000,
      keepAliveTimeout: 65_000,
      connectionsCheckingInterval: 2_000,
      maxHeaderSize: 16_384,
      noDelay: true,
      requireHostHeader: false,
    },
    (request, response) => {
      heard++;
      // The client opens its next connection elsewhere, instead of finding this one closed under its next request.
      if (draining) response.shouldKeepAlive = false;
      onRequest(request, response);
    },
  );
  // An expectation that we do not know is not worth refusing (RFC 9110 §10.1.1), least of all with a body that is not ours.
  server.on("checkExpectation", (request, response) => server.emit("request", request, response));
  server.maxHeadersCount = 100;
  server.maxConnections = mostConnections;
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => refuseUnreadable(error, socket, options.newRequestId()));
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(explain(error, options));
    });
    // A launch opens all its connections in the same second.
    server.listen({ host: options.host, port: options.port, backlog: 4_096 }, resolve);
  });
  const accept = (accepting: boolean): void => void (server.maxConnections = accepting ? mostConnections : 0);
  return Object.freeze<Listener>({ address: server.address() as AddressInfo, accept, drain });

  async function drain(deadlineMs: number): Promise<void> {
    draining = true;
    const until = performance.now() + Math.min(lingerMs, deadlineMs);
    for (let before = -1; heard !== before && performance.now() < until;) {
      before = heard;
      await pause(quietMs);
    }
    await close(server, deadlineMs);
  }
}

function explain(error: NodeJS.ErrnoException, { host, port, variable }: ListenOptions): Error {
  if (error.code === "EADDRINUSE") return new PortTakenError(`Port ${port} on ${host} is taken. Set ${variable} to another one, or to 0 for any free one.`);
  if (error.code === "EACCES") return new ConfigError(`Port ${port} on ${host} is not open to this user. Set ${variable} to 1024 or more.`);
  if (error.code === "EADDRNOTAVAIL" || error.code === "ENOTFOUND")
    return new ConfigError(`FANFARE_HOST is ${host}, which is no address of this machine. 0.0.0.0 stands for all that it has.`);
  return error;
}

const mostConnections = 60_000;

/** Requests that are on their way when a node is told to stop are answered: it goes when none came for `quietMs`, at the latest after `lingerMs`. */
const quietMs = 100;
const lingerMs = 2_000;

async function close(server: Server, deadlineMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const deadline = setTimeout(() => server.closeAllConnections(), deadlineMs);
  // Connections that were busy a moment ago are idle now, and would stay for as long as keep-alive lets them.
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  await closed;
  clearTimeout(deadline);
  clearInterval(sweep);
}

/** What Node's parser refuses never becomes a request; it gets the one error shape all the same. */
function refuseUnreadable(error: NodeJS.ErrnoException, socket: Socket, requestId: string): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, code]: readonly [string, ErrorCode] =
    error.code === "ERR_HTTP_REQUEST_TIMEOUT"
      ? ["408 Request Timeout", "request_timeout"]
      : error.code === "HPE_HEADER_OVERFLOW"
        ? ["431 Request Header Fields Too Large", "payload_too_large"]
        : ["400 Bad Request", "validation_error"];
  const message = code === "validation_error" ? "This is not HTTP that the service can read." : errorCatalog[code].message;
  const body = JSON.stringify({ error: code, message, requestId } satisfies ErrorBody);
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nX-Request-Id: ${requestId}\r\nConnection: close\r\n\r\n${body}`,
  );
}
