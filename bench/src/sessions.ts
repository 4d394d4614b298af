import { readFile } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import type { TokenResponse } from "@fanfare-io/fanfare-contract";
import { sendLoad } from "./load.ts";
import type { LoadFigures, LoadRequest } from "./load.ts";
import { compare, median } from "./median.ts";
import { createLoadDevice, currentNonce } from "./proofs.ts";
import { startScript, startSubject } from "./subject.ts";
import type { ProcessSubject, ServiceSubject, Subject } from "./subject.ts";

/** How much is sent. */
export interface SessionRounds {
  readonly connections: number;
  readonly rounds: number;
  /** Requests a call and round. */
  readonly amount: number;
}

const calls = ["floor guest", "guest", "bound guest", "better-auth", "floor refresh", "refresh", "bound refresh"] as const;
type Call = (typeof calls)[number];

/** What sessions came to: rounds of each call, and resident megabytes of each server at the end. */
export interface SessionFigures {
  readonly options: SessionRounds;
  readonly rounds: Readonly<Record<Call, readonly LoadFigures[]>>;
  readonly residentMegabytes: { readonly floor: number; readonly service: number; readonly betterAuth: number };
}

/** Sends creations and refreshes to the service, the floor and better-auth in turn; all three on one PostgreSQL. */
export async function measureSessions(databaseUrl: string, options: SessionRounds): Promise<SessionFigures> {
  const env = { ...process.env, DATABASE_URL: databaseUrl };
  const [floor, betterAuth, service] = [
    await startScript("session-floor.ts", env),
    await startScript("better-auth.ts", env),
    await startSubject(databaseUrl, { built: true }),
  ];
  const rounds: Record<Call, LoadFigures[]> = {
    "floor guest": [],
    guest: [],
    "bound guest": [],
    "better-auth": [],
    "floor refresh": [],
    refresh: [],
    "bound refresh": [],
  };
  try {
    for (let round = 0; round < options.rounds; round++) {
      process.stderr.write(`sessions, round ${round + 1} of ${options.rounds} …\n`);
      const loads = await loadsOf(service, floor, betterAuth, options.amount);
      for (const call of calls) {
        const { subject, prepare, onBody } = loads[call];
        // Proofs are made now and not before: the service's nonce is good for a minute or two.
        const requests = await prepare();
        let next = 0;
        const load = { url: new URL(subject.url).origin, connections: options.connections, amount: options.amount, ...(onBody && { onBody }) };
        rounds[call].push(await sendLoad({ ...load, next: () => requests[next++ % requests.length] as LoadRequest }));
      }
    }
    const residentMegabytes = { floor: await resident(floor), service: await resident(service), betterAuth: await resident(betterAuth) };
    return { options, rounds, residentMegabytes };
  } finally {
    await Promise.all([floor.stop(), betterAuth.stop(), service.stop()]);
  }
}

interface Load {
  readonly subject: Subject;
  readonly prepare: () => Promise<readonly LoadRequest[]>;
  readonly onBody?: (body: string) => void;
}

async function loadsOf(service: ServiceSubject, floor: Subject, betterAuth: Subject, amount: number): Promise<Readonly<Record<Call, Load>>> {
  const devices = Array.from({ length: amount }, createLoadDevice);
  const refreshTokens = { floor: [] as string[], service: [] as string[], bound: [] as string[] };
  const keep = (into: string[]) => (body: string) => void into.push((JSON.parse(body) as TokenResponse).refreshToken);
  const json = { "content-type": "application/json" };
  const keyed = { ...json, "x-publishable-key": service.launch.publishableKey };
  const renew = (path: string, headers: LoadRequest["headers"], tokens: readonly string[]) => async () =>
    tokens.map((refreshToken): LoadRequest => ({ method: "POST", path, headers, body: JSON.stringify({ refreshToken }) }));
  const proved = async (path: string): Promise<readonly LoadRequest["headers"][]> => {
    const nonce = await currentNonce(service.url);
    return devices.map((device) => ({ ...keyed, dpop: device.proof("POST", `${service.url}${path}`, nonce) }));
  };
  return {
    "floor guest": { subject: floor, prepare: async () => [{ method: "POST", path: "/guest", headers: json, body: "{}" }], onBody: keep(refreshTokens.floor) },
    guest: {
      subject: service,
      prepare: async () => [{ method: "POST", path: "/api/auth/guest", headers: keyed, body: "{}" }],
      onBody: keep(refreshTokens.service),
    },
    "bound guest": {
      subject: service,
      prepare: async () => (await proved("/auth/guest")).map((headers) => ({ method: "POST", path: "/api/auth/guest", headers, body: "{}" })),
    },
    "better-auth": {
      subject: betterAuth,
      prepare: async () => [{ method: "POST", path: "/api/auth/sign-in/anonymous", headers: { ...json, origin: betterAuth.url }, body: "{}" }],
    },
    "floor refresh": { subject: floor, prepare: () => renew("/refresh", json, refreshTokens.floor)() },
    refresh: { subject: service, prepare: () => renew("/api/auth/refresh", keyed, refreshTokens.service)() },
    "bound refresh": {
      subject: service,
      // The answers of the creation come in any order; each token needs its own key, so that it is asked for here, one after another's key.
      prepare: async () => {
        const nonce = await currentNonce(service.url);
        const sample = devices.slice(0, boundSessions);
        const tokens = await Promise.all(
          sample.map(async (device) => {
            const headers = { ...keyed, dpop: device.proof("POST", `${service.url}/auth/guest`, nonce) };
            const answer = await fetch(`${service.url}/auth/guest`, { method: "POST", headers, body: "{}" });
            return ((await answer.json()) as TokenResponse).refreshToken;
          }),
        );
        // A bound refresh token does not rotate, so that each is used more than once.
        return Array.from({ length: amount }, (_, at): LoadRequest => {
          const device = sample[at % sample.length];
          const headers = { ...keyed, dpop: device?.proof("POST", `${service.url}/auth/refresh`, nonce) ?? "" };
          return { method: "POST", path: "/api/auth/refresh", headers, body: JSON.stringify({ refreshToken: tokens[at % tokens.length] }) };
        });
      },
    },
  };
}

const boundSessions = 200;

async function resident({ pid }: ProcessSubject): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024);
}

/** The figures as a page of Markdown, with the machine they come from. */
export function writeSessionReport({ options, rounds, residentMegabytes }: SessionFigures, at: Date): string {
  const row = (words: string, call: Call, floor: Call): string => {
    const { subject, ratio } = compare(rounds[call], rounds[floor]);
    return `| ${words} | ${whole(subject.perSecond)} | ${subject.p99} ms | ${call === floor ? "1" : `**${ratio.toFixed(2)}**`} |`;
  };
  const peer = median(rounds.guest.map(({ perSecond }, index) => perSecond / (rounds["better-auth"][index]?.perSecond ?? 1)));
  return `# Sessions on the service

Made by \`npm run bench -- --only sessions\` on ${at.toISOString().slice(0, 10)}: ${cpus().length} cores (${cpus()[0]?.model.trim() ?? "unknown"}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}; the load generator and PostgreSQL share them.
Median of ${options.rounds} rounds of ${whole(options.amount)} requests each over ${options.connections} connections, all servers in turn on one PostgreSQL. The ratio is taken round by round, so a machine that slows down slows all.

The floor is bare \`node:http\` with \`pg\`: it does what a guest or a rotating refresh cannot do without (two rows in one statement, or one counter moved; two sealed tokens) and nothing else. Bound calls carry
a device proof, made before the load; each is checked, and each creation's key is new. better-auth is the release in \`bench/package.json\` with its anonymous plugin, limits and log off, as with us.
The service is the build, started by \`fanfare start\`.

| call | /s | p99 | of the floor |
| --- | --: | --: | --: |
${row("Floor: guest", "floor guest", "floor guest")}
${row("Become a guest, unbound", "guest", "floor guest")}
${row("Become a guest, bound to a new key", "bound guest", "floor guest")}
${row("better-auth: anonymous sign-in", "better-auth", "floor guest")}
${row("Floor: rotating refresh", "floor refresh", "floor refresh")}
${row("Rotating refresh, unbound", "refresh", "floor refresh")}
${row("Refresh, bound", "bound refresh", "floor refresh")}

Becoming a guest is ${peer.toFixed(1)} times as fast as better-auth's anonymous sign-in of the same run.

Resident memory after all of it: service ${residentMegabytes.service} MB, floor ${residentMegabytes.floor} MB, better-auth ${residentMegabytes.betterAuth} MB.
`;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en");
}
