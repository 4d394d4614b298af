import { execFile } from "node:child_process";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** What became of one group of people, see `farm-world.ts`. */
interface Group {
  readonly name: "farm" | "nat" | "homes";
  readonly people: number;
  readonly places: number;
  readonly tries: number;
  readonly freePlaces: number;
  readonly challenged: number;
  readonly askedForIdentity: number;
  readonly refused: number;
  readonly refusals: Readonly<Record<string, number>>;
}
interface Launch {
  readonly level: string;
  readonly addresses: number;
  readonly groups: readonly Group[];
}
interface Office {
  readonly level: string;
  readonly groups: readonly Group[];
}
interface Work {
  readonly challenges: number;
  readonly secondsAChallenge: number;
  readonly secondsATry: number;
}

/** Farms against launches, and what a try costs the fastest solver at hand. */
export interface FarmFigures {
  readonly launches: readonly Launch[];
  /** Many honest people behind one address, and nobody else. */
  readonly offices: readonly Office[];
  readonly work: Work;
  readonly scale: number;
}

const script = fileURLToPath(new URL("../../packages/server/src/testing/farm-figures.ts", import.meta.url));
const run = promisify(execFile);
const play = async <Figures>(options: readonly string[]): Promise<Figures> =>
  JSON.parse((await run(process.execPath, ["--conditions=@fanfare-io/source", script, ...options])).stdout) as Figures;

/** Plays each protection level against a farm of one address and of five hundred, both as large as `scale` says, and solves so many challenges for their cost. */
export async function measureFarms(scale: number, challenges: number): Promise<FarmFigures> {
  const launches: Launch[] = [];
  for (const level of ["standard", "enhanced", "maximum"])
    for (const addresses of ["1", "500"]) {
      process.stderr.write(`a farm at ${level}, from ${addresses} …\n`);
      launches.push(await play<Launch>(["--level", level, "--addresses", addresses, "--scale", String(scale)]));
    }
  const offices: Office[] = [];
  for (const level of ["standard", "enhanced"]) {
    process.stderr.write(`an office at ${level} …\n`);
    offices.push(await play<Office>(["--level", level, "--office", "5000", "--scale", String(scale)]));
  }
  return { launches, offices, work: await play<Work>(["--challenges", String(challenges)]), scale };
}

const whole = (count: number): string => count.toLocaleString("en-US");

/** The figures as a page of Markdown, with the machine they come from. */
export function writeFarmReport({ launches, offices, work, scale }: FarmFigures, date: Date): string {
  const rows = launches.map(({ level, addresses, groups }) => {
    const all = groups.reduce((sum, { places }) => sum + places, 0);
    const of = (name: Group["name"]): Group => groups.find((group) => group.name === name) as Group;
    const [farm, nat, homes] = [of("farm"), of("nat"), of("homes")];
    const each = farm.challenged === 0 ? "none" : `${((farm.tries / farm.challenged) * work.secondsATry).toFixed(2)} s`;
    const won = farm.places === 0 ? "no place" : `${((farm.tries / farm.places) * work.secondsATry).toFixed(1)} s (${farm.freePlaces} free)`;
    const asked = ({ challenged, askedForIdentity, people }: Group): string => (askedForIdentity > 0 ? "who they are" : `${challenged} of ${people}`);
    const share = all === 0 ? "none" : `${Math.round((farm.places / all) * 100)} %`;
    return `| ${level} | ${addresses} | ${share} | ${farm.challenged} of ${farm.people} | ${each} | ${won} | ${asked(nat)} | ${asked(homes)} | ${nat.refused + homes.refused} |`;
  });
  const refusals = launches.flatMap(({ level, addresses, groups }) =>
    groups.flatMap(({ name, refusals: why }) => Object.entries(why).map(([reason, times]) => `- ${level}, from ${addresses}: ${times} of ${name}, ${reason}`)),
  );
  const offered = offices.flatMap(({ level, groups }) =>
    groups.map(
      ({ people, places, challenged, refused }) => `at \`${level}\` ${challenged} of ${people} were asked for work, ${places} were let in, ${refused} refused`,
    ),
  );
  const sizes = launches[0]?.groups.map(({ name, people }) => `${people.toLocaleString("en-US")} ${name}`).join(", ") ?? "";
  return `# Farms

Made by \`npm run bench -- --only farm --scale ${scale} --challenges ${work.challenges}\` on ${date.toISOString().slice(0, 10)}: ${cpus().length} cores (${cpus()[0]?.model.trim() ?? "unknown"}), PGlite, the real API. ${sizes}, in random order; a tenth as many places as
the farm has guests. The farm is a perfect one: each of its guests has a key, looks like a browser, solves what it is asked and never gives up. \`nat\` are honest people behind one address, \`homes\` have one each. The tries of every
challenge were made and counted with a cheap scrypt; what a try costs was measured apart with OpenSSL's, the fastest solver at hand, on ${work.challenges} challenges: ${(work.secondsATry * 1000).toFixed(1)} ms of CPU a try, ${work.secondsAChallenge.toFixed(2)} s a challenge for a place.

| level | addresses of the farm | its share of the places | its guests that worked | CPU each of them | CPU a place won | asked behind one address | asked at home | honest people refused |
| --- | --: | --: | --: | --: | --: | --: | --: | --: |
${rows.join("\n")}
${refusals.length === 0 ? "" : `\nRefused, by what they were doing and what was answered:\n\n${refusals.join("\n")}\n`}
Being asked is not being refused: a device answers by itself. At \`enhanced\` the price of a place is the work, which does not change who gets one where a farm pays it; at \`maximum\` it is an address that can be proved, which guests have
none of. A farm with an address for every few guests is no crowd and pays for addresses instead.

${whole(offices[0]?.groups[0]?.people ?? 0)} honest people behind one address, with a place for each and nobody else in the launch: ${offered.join("; ")}.
`;
}
