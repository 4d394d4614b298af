import { scryptSync } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { ProtectionLevel } from "@fanfare-io/fanfare-contract";
import { createFanfareServer } from "../app.ts";
import { readConfig } from "../platform/config.ts";
import { challengeCosts } from "../platform/challenges.ts";
import { loadSecrets } from "../platform/secrets.ts";
import { createFarmWorld } from "./farm-world.ts";
import { littleWork } from "./little-work.ts";
import type { Group, GroupFigures } from "./farm-world.ts";

// One line of JSON for `npm run bench -- --only farm`: a farm and honest shoppers at one launch, or what solving costs. The service asks for as
// many tries as always, each made cheap, so that twelve thousand people fit on one machine; what a try really costs is measured apart.
const { values } = parseArgs({
  options: {
    level: { type: "string", default: "enhanced" },
    addresses: { type: "string", default: "1" },
    // Only so many honest people behind one address, and a place for each of them.
    office: { type: "string", default: "0" },
    scale: { type: "string", default: "1" },
    challenges: { type: "string", default: "0" },
  },
});

/** CPU seconds of one solved challenge of each kind, tries and all, with the fastest solver at hand: OpenSSL's scrypt. */
function measureWork(challenges: number): unknown {
  const { cost, most } = challengeCosts.enter;
  const options = { N: cost, r: 8, p: 1, maxmem: 2 ** 28 };
  const solved: number[] = [];
  for (let challenge = 0; challenge < challenges; challenge++) {
    const before = process.cpuUsage();
    const tries = 1 + Math.floor((challenge / challenges) * most);
    for (let counter = 0; counter < tries; counter++) scryptSync(`${challenge} ${counter}`, "salt", 32, options);
    const { user, system } = process.cpuUsage(before);
    solved.push((user + system) / 1e6);
  }
  const all = solved.reduce((sum, seconds) => sum + seconds, 0);
  const tries = solved.reduce((sum, _, challenge) => sum + 1 + Math.floor((challenge / challenges) * most), 0);
  return { challenges, secondsAChallenge: all / challenges, secondsATry: all / tries };
}

interface Launch {
  readonly level: ProtectionLevel;
  readonly groups: readonly Group[];
  readonly places: number;
}

async function playLaunch({ level, groups, places }: Launch): Promise<readonly GroupFigures[]> {
  const dataDirectory = await mkdtemp(join(tmpdir(), "fanfare-farm-"));
  const config = {
    ...readConfig({ ...process.env, CONSUMER_PORT: "0", ADMIN_PORT: "0", FANFARE_DATA_DIR: dataDirectory, RATE_LIMITS: "on", TRUST_PROXY: "1" }),
  };
  const server = createFanfareServer(config, { challengeCosts: littleWork });
  const { consumerUrl, adminUrl } = await server.start();
  const world = createFarmWorld({ consumerUrl, adminUrl, operatorKey: loadSecrets(config).operatorKey, level, places });
  try {
    return await world.play(groups);
  } finally {
    await server.stop();
    await rm(dataDirectory, { recursive: true, force: true });
  }
}

const scale = Number(values.scale);
const some = (count: number): number => Math.max(1, Math.round(count * scale));
const nat = (people: number): Group => ({ name: "nat", people, addressOf: () => "198.51.100.1" });

async function playFarm(level: ProtectionLevel, addresses: number): Promise<unknown> {
  const farm: Group = { name: "farm", people: some(10_000), addressOf: (index) => `203.0.${(index % addresses) >> 8}.${(index % addresses) & 255}` };
  const homes: Group = { name: "homes", people: some(500), addressOf: (index) => `10.${index >> 8}.${index & 255}.7` };
  return { level, addresses, scale, groups: await playLaunch({ level, groups: [farm, nat(some(2_000)), homes], places: some(1_000) }) };
}

async function playOffice(level: ProtectionLevel, people: number): Promise<unknown> {
  return { level, groups: await playLaunch({ level, groups: [nat(people)], places: people }) };
}

const challenges = Number(values.challenges);
const office = some(Number(values.office));
const level = values.level as ProtectionLevel;
const figures =
  challenges > 0 ? measureWork(challenges) : values.office === "0" ? await playFarm(level, some(Number(values.addresses))) : await playOffice(level, office);
process.stdout.write(`${JSON.stringify(figures)}\n`);
