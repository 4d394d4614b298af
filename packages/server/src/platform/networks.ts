/** The groups of an IPv6 address, zeros written out: left as it is, each host of a network written with `::` would count for itself. */
export function ipv6Groups(address: string): readonly string[] {
  const [before = "", after] = address.split("::");
  const head = before === "" ? [] : before.split(":");
  const tail = after === undefined || after === "" ? [] : after.split(":");
  const zeros = after === undefined ? [] : Array.from({ length: Math.max(0, 8 - head.length - tail.length) }, () => "0");
  return [...head, ...zeros, ...tail];
}

/** The network that an address stands in, coarse enough to be nobody in particular: its /24, or /48 for IPv6. */
export function networkOf(address: string): string {
  if (address.includes(":")) return `${ipv6Groups(address).slice(0, 3).join(":")}::/48`;
  return `${address.split(".").slice(0, 3).join(".")}.0/24`;
}
