import { cpus, totalmem } from "node:os";
import type { Comparison } from "./median.ts";
import { hotCalls } from "./rounds.ts";
import type { HotCall, RoundOptions } from "./rounds.ts";

/** What one database came to at one number of connections. */
export interface Measured {
  readonly database: string;
  readonly options: RoundOptions;
  readonly calls: Readonly<Record<HotCall, Comparison>>;
}

const words: Readonly<Record<HotCall, string>> = {
  guest: "Become a guest",
  "bound guest": "Become a guest, bound to a new key",
  enter: "Join the line",
  "bound enter": "Join the line, bound to a key",
  draw: "Enter a draw",
  status: "Ask one's standing",
};

/** The figures as a page of Markdown, with the machine they come from. */
export function writeReport(measured: readonly Measured[], at: Date): string {
  const first = measured[0]?.options;
  const rows = measured.flatMap(({ database, options, calls }) =>
    hotCalls.map((call) => {
      const { subject, floor, ratio } = calls[call];
      return `| ${words[call]} | ${database} | ${options.connections} | ${whole(subject.perSecond)} | ${subject.p99} ms | ${whole(floor.perSecond)} | ${floor.p99} ms | **${ratio.toFixed(2)}** |`;
    }),
  );
  return `# Benchmarks

Made by \`npm run bench\` on ${at.toISOString().slice(0, 10)}: ${cpus().length} cores (${cpus()[0]?.model.trim() ?? "unknown"}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}; the load generator shares them.
Median of ${first?.rounds ?? 0} rounds of ${whole(first?.amount ?? 0)} requests each, service and floor in turn. The ratio is what to look at: it is taken round by round, so a machine that slows down slows both.

The floor is bare \`node:http\` that checks one HMAC, reads a body where there is one, and writes the same headers and an answer of the same size, with no database behind it.
Guests and joins are durable when they are answered. Consumers are fresh in each round. Rate limits are on, each request coming from an address of its own, and logging is at \`info\`, as for everybody.
Bound calls carry a proof of the device's key, made before the load; each is checked by the service, and each key is another. The floor checks none. One's standing is asked with a poll token, which takes no proof, in bound sessions as in others. A ratio near or above one says that the load generator was the limit, not the server.

| call | database | connections | service /s | p99 | floor /s | p99 | ratio |
| --- | --- | --: | --: | --: | --: | --: | --: |
${rows.join("\n")}
`;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en");
}
