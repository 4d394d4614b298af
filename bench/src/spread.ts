import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { PublicQueue, QueueConsumerState } from "@fanfare-io/fanfare-contract";
import { ApiRefusal, arrive, call, createLaunch, startService } from "@fanfare-io/fanfare-testing";
import type { RunningService, TestLaunch } from "@fanfare-io/fanfare-testing";

const page = fileURLToPath(new URL("../../docs/benchmarks-spread.md", import.meta.url));
const address = "https://line.shop.example/api";
const apartMs = 10;
const patienceMs = 5_000;

/** What one node is told, and how the other shows that it knows. */
interface Fact {
  readonly name: string;
  /** Tells the first node; resolves with what asks the second whether it knows. */
  tell(round: number): Promise<() => Promise<boolean>>;
}

/** Measures how soon one node knows what another was told, and writes the page. */
export async function benchSpread(databaseUrl: string | undefined, rounds: number): Promise<void> {
  if (databaseUrl === undefined) return;
  const dataDir = await mkdtemp(join(tmpdir(), "fanfare-bench-"));
  const node = (): Promise<RunningService> => startService({ dataDir, databaseUrl, env: { CONSUMER_PUBLIC_URLS: address } });
  const [one, other] = [await node(), await node()];
  try {
    const launch = await createLaunch(one.adminUrl, one.operatorKey, { admitRate: 60, capacity: 1 });
    const rows: string[] = [];
    for (const { name, tell } of factsOf(one, other, launch)) {
      process.stderr.write(`spread: ${name} …\n`);
      const late: number[] = [];
      for (let round = 0; round < rounds; round++) {
        // Else each round would begin when the second node has just looked.
        await pause(Math.random() * 1_000);
        late.push(await lateness(await tell(round)));
      }
      const sorted = late.toSorted((a, b) => a - b);
      const at = (share: number): string => `${Math.round(sorted[Math.min(rounds - 1, Math.floor(rounds * share))] ?? 0)} ms`;
      rows.push(`| ${name} | ${rounds} | ${at(0.5)} | ${at(0.9)} | ${at(1)} |`);
    }
    const report = writeSpreadReport(rows, new Date());
    await writeFile(page, report);
    process.stdout.write(`\n${report}`);
  } finally {
    await Promise.all([one.stop(), other.stop()]);
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function lateness(knows: () => Promise<boolean>): Promise<number> {
  const toldAt = performance.now();
  while (!(await knows())) {
    if (performance.now() - toldAt > patienceMs) throw new Error("The other node does not learn of it.");
    await pause(apartMs);
  }
  return performance.now() - toldAt;
}

function factsOf(one: RunningService, other: RunningService, launch: TestLaunch): readonly Fact[] {
  const shop = { authorization: `Bearer ${launch.secretKey}` };
  const control = (action: string): Promise<unknown> => call("POST", `${one.adminUrl}/queues/${launch.queueId}/${action}`, shop);
  const queue = (): Promise<PublicQueue> => call("GET", `${other.consumerUrl}/queues/${launch.queueId}?pk=${launch.publishableKey}`, {});
  const join = async (): Promise<Readonly<Record<string, string>>> => {
    const { accessToken } = await arrive(one.consumerUrl, launch);
    const caller = { "x-publishable-key": launch.publishableKey, authorization: `Bearer ${accessToken}` };
    await call("POST", `${one.consumerUrl}/queues/${launch.queueId}/enter`, caller);
    return caller;
  };
  // The first takes the only slot, the second waits behind it.
  const waiting = join().then(join);
  const isRefused = (asked: Promise<unknown>): Promise<boolean> =>
    asked.then(
      () => false,
      (error: unknown) => {
        if (error instanceof ApiRefusal && error.status === 401) return true;
        throw error;
      },
    );
  return [
    {
      name: "a queue is paused, or resumed, as everybody sees it",
      async tell(round) {
        const [action, state] = round % 2 === 0 ? ["pause", "paused"] : ["resume", "open"];
        await control(action);
        return async () => (await queue()).state === state;
      },
    },
    {
      name: "a queue is paused, or resumed, as who waits is told",
      async tell(round) {
        const waiter = await waiting;
        const rate = async (): Promise<number> => {
          const state = await call<QueueConsumerState>("GET", `${other.consumerUrl}/queues/${launch.queueId}/status`, waiter);
          return state.status === "QUEUED" ? state.admitRatePerMinute : Number.NaN;
        };
        await control(round % 2 === 0 ? "pause" : "resume");
        return async () => (await rate()) > 0 === (round % 2 === 1);
      },
    },
    {
      name: "somebody joins the line, as everybody sees it",
      async tell() {
        const { tail } = await queue();
        await join();
        return async () => (await queue()).tail > tail;
      },
    },
    {
      name: "a session is ended",
      async tell() {
        const { accessToken } = await arrive(one.consumerUrl, launch);
        const caller = { "x-publishable-key": launch.publishableKey, authorization: `Bearer ${accessToken}` };
        const ask = (): Promise<unknown> => call("GET", `${other.consumerUrl}/auth/sessions`, caller);
        await ask();
        await call("POST", `${one.consumerUrl}/auth/logout`, caller, {});
        return () => isRefused(ask());
      },
    },
    {
      name: "a key of the shop is revoked",
      async tell() {
        const { id, key } = await call<{ readonly id: string; readonly key: string }>("POST", `${one.adminUrl}/api-keys`, shop, { kind: "publishable" });
        const ask = (): Promise<unknown> => call("GET", `${other.consumerUrl}/queues/${launch.queueId}?pk=${key}`, {});
        await ask();
        await call("DELETE", `${one.adminUrl}/api-keys/${id}`, shop);
        return () => isRefused(ask());
      },
    },
  ];
}

function writeSpreadReport(rows: readonly string[], at: Date): string {
  return `# What one node is told, and when another knows

Made by \`npm run bench -- --only spread\` on ${at.toISOString().slice(0, 10)}: ${cpus().length} cores (${cpus()[0]?.model.trim() ?? "unknown"}), Node ${process.versions.node}. Two nodes over one PostgreSQL on one machine, which know nothing of each other but by its rows. One is told; from its answer on
the other is asked every ${apartMs} ms until what it answers shows it. *As everybody sees it*: in the body that all share, which a node makes at most once a second.

| told | times | half within | nine of ten | at most |
| --- | --: | --: | --: | --: |
${rows.join("\n")}
`;
}
