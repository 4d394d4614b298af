import type { RequestListener } from "node:http";
import { audiencesOf } from "../platform/audiences.ts";
import type { ServerConfig } from "../platform/config.ts";
import { listen } from "../platform/listener.ts";
import type { Listener } from "../platform/listener.ts";

/** Where a started service answers. Both addresses end in `/api`. */
export interface FanfareAddresses {
  readonly consumerUrl: string;
  readonly adminUrl: string;
}

/** The plane of a door: shoppers come by the first, operators and their probes by the other. */
export type Plane = "consumer" | "admin";

/** The two planes as whoever comes from outside finds them. */
export interface Doors {
  /** Listens, consumer plane first. Raises `PortTakenError`, with what was opened before left open for `close`. */
  open(requestsOf: (plane: Plane) => RequestListener): Promise<FanfareAddresses>;
  /** Whether the consumer plane takes new connections. */
  takeConnections(taking: boolean): void;
  /** The addresses that a proof may be made for; none before the first door is open. */
  audiences(): readonly string[];
  /** Answers what is on its way, then hangs up, `deadlineMs` from now at the latest. */
  close(deadlineMs: number): Promise<void>;
}

/** Makes the doors; they are closed until `open`. */
export function createDoors(config: Pick<ServerConfig, "host" | "consumerPort" | "adminPort" | "consumerPublicUrls">, newRequestId: () => string): Doors {
  const planes = [
    { plane: "consumer", port: config.consumerPort, variable: "CONSUMER_PORT" },
    { plane: "admin", port: config.adminPort, variable: "ADMIN_PORT" },
  ] as const;
  const listeners: Listener[] = [];
  let audiences: readonly string[] = [];

  return Object.freeze<Doors>({
    async open(requestsOf) {
      for (const { plane, port, variable } of planes) {
        listeners.push(await listen({ host: config.host, port, variable, newRequestId }, requestsOf(plane)));
        // A port of 0 is known only now.
        audiences = audiencesOf(config.consumerPublicUrls, addressOf(listeners[0], config.host));
      }
      return { consumerUrl: addressOf(listeners[0], config.host), adminUrl: addressOf(listeners[1], config.host) };
    },
    takeConnections: (taking) => listeners[0]?.accept(taking),
    audiences: () => audiences,
    async close(deadlineMs) {
      await Promise.all(listeners.map((listener) => listener.drain(deadlineMs)));
    },
  });
}

function addressOf(listener: Listener | undefined, host: string): string {
  const reachable = host === "0.0.0.0" || host === "::" ? "localhost" : host.includes(":") ? `[${host}]` : host;
  return `http://${reachable}:${listener?.address.port}/api`;
}
