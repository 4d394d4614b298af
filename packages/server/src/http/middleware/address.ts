import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";
import type { TrustProxy } from "../../platform/config.ts";
import { ipv6Groups } from "../../platform/networks.ts";

/** Tells the client's address: what connected, or what a trusted proxy says of it (contract §9, `TRUST_PROXY`). */
export type ReadAddress = (request: IncomingMessage) => string;

/** `onForwarded` is called when forwarded headers arrive while nobody is trusted: then every shopper shares the proxy's limits. */
export function createAddressReader(trust: TrustProxy, onForwarded: () => void): ReadAddress {
  if (trust.kind === "none") {
    return (request) => {
      if (request.headers["x-forwarded-for"] !== undefined) onForwarded();
      return connected(request);
    };
  }
  const trusts = trust.kind === "hops" ? (_address: string, hop: number) => hop < trust.count : createNetworkTest(trust.networks);
  return (request) => {
    const forwarded = request.headers["x-forwarded-for"];
    const chain =
      forwarded === undefined
        ? []
        : String(forwarded)
            .split(",")
            .map((part) => unmapped(part.trim()));
    let address = connected(request);
    // From the near end outwards: the far end of the header is whatever the client wrote there.
    for (let hop = 0; trusts(address, hop); hop++) {
      const before = chain.pop();
      if (before === undefined || isIP(before) === 0) break;
      address = before;
    }
    return address;
  };
}

function connected(request: IncomingMessage): string {
  return unmapped(request.socket.remoteAddress ?? "");
}

/** An IPv4 address that came over an IPv6 socket, as itself. */
function unmapped(address: string): string {
  return address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
}

function createNetworkTest(networks: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const network of networks) {
    const [base = "", bits] = network.split("/");
    const family = isIP(base) === 6 ? "ipv6" : "ipv4";
    if (bits === undefined) list.addAddress(base, family);
    else list.addSubnet(base, Number(bits), family);
  }
  return (address) => list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

/** What limits count an address by: one person commands a whole IPv6 /64. */
export function limitKey(address: string): string {
  if (!address.includes(":")) return address;
  return ipv6Groups(address).slice(0, 4).join(":");
}
