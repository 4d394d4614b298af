import type { Challenge, CreateChallengeRequest, ProtectionLevel, QueueConsumerState } from "@fanfare-io/fanfare-contract";
import { solveChallenge } from "altcha-lib";
import { deriveKey } from "altcha-lib/algorithms/scrypt";
import { pause } from "../platform/pause.ts";
import { createTestDevice } from "./device.ts";
import type { TestDevice } from "./device.ts";

/** People who come to a launch, and from where. */
export interface Group {
  readonly name: string;
  readonly people: number;
  readonly addressOf: (index: number) => string;
}

/** What became of a group. */
export interface GroupFigures {
  readonly name: string;
  readonly people: number;
  /** Let in. */
  readonly places: number;
  /** How many of those who were let in made no try for it. */
  readonly freePlaces: number;
  /** Asked for work at least once, and how many tries all of it took. */
  readonly challenged: number;
  readonly tries: number;
  /** Asked who they are, which a guest cannot say. */
  readonly askedForIdentity: number;
  /** Without a place in the line for any other reason. */
  readonly refused: number;
  /** The same by what was being done and what was answered, such as `enter: 403 bound_session_required`. */
  readonly refusals: Readonly<Record<string, number>>;
}

interface Person {
  readonly group: string;
  readonly address: string;
  device: TestDevice | null;
  token: string;
  refreshToken: string;
  pollToken: string;
  tries: number;
  outcome: "in line" | "let in" | "identity" | "refused";
  /** Why they are refused. */
  refusal: string;
}

// oxlint-disable-next-line typescript/no-explicit-any -- answers are read field by field, and what is not there counts as a refusal
type Body = any;
interface Answered {
  readonly status: number;
  readonly body: Body;
}

/** One launch over the real API. */
export interface FarmWorld {
  play(groups: readonly Group[]): Promise<readonly GroupFigures[]>;
}

/** As many as one address may have challenges made at a time: nobody is asked to come back for the bench being one. */
const atOnce = 40;
/** Devices ask less often than that; a consumer may ask once a second. */
const betweenRoundsMs = 1_000;
const browser = { "user-agent": "Mozilla/5.0", "accept-language": "en", "content-type": "application/json" };

/** Makes the launch when it is played. `places` are what there is to get. */
export function createFarmWorld(setting: {
  readonly consumerUrl: string;
  readonly adminUrl: string;
  readonly operatorKey: string;
  readonly level: ProtectionLevel;
  readonly places: number;
}): FarmWorld {
  const { consumerUrl, adminUrl, level, places } = setting;
  let publishableKey = "";
  let nonce: string | undefined;

  async function admin(method: string, path: string, key: string, json: unknown): Promise<Body> {
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
    return (await fetch(`${adminUrl}${path}`, { method, headers, body: JSON.stringify(json) })).json();
  }

  async function ask(person: Person, method: string, path: string, json?: unknown, token = person.token): Promise<Answered> {
    const wish = { ...(nonce === undefined ? {} : { nonce }), ...(token === "" ? {} : { accessToken: token }) };
    const proof = method === "GET" ? {} : await (person.device as TestDevice).proof(method, `${consumerUrl}${path}`, wish);
    const headers: Record<string, string> = { ...browser, ...proof, "x-publishable-key": publishableKey, "x-forwarded-for": person.address };
    if (token !== "") headers["authorization"] = method === "GET" ? `Poll ${person.pollToken}` : `DPoP ${token}`;
    const response = await fetch(`${consumerUrl}${path}`, { method, headers, ...(json === undefined ? {} : { body: JSON.stringify(json) }) });
    nonce = response.headers.get("dpop-nonce") ?? nonce;
    const body: Body = await response.json().catch(() => null);
    if (response.status === 401 && body?.error === "use_dpop_nonce") return ask(person, method, path, json, token);
    if (response.status === 503 || response.status === 429) {
      await pause(Number(response.headers.get("retry-after") ?? 1) * 1_000);
      return ask(person, method, path, json, token);
    }
    // A launch of twelve thousand takes longer than an access token lives: every device renews its own.
    if (body?.error === "invalid_access_token" && token === person.token && (await renew(person))) return ask(person, method, path, json);
    return { status: response.status, body };
  }

  async function renew(person: Person): Promise<boolean> {
    const { status, body } = await ask(person, "POST", "/auth/refresh", { refreshToken: person.refreshToken }, "");
    if (status === 200) ({ accessToken: person.token, refreshToken: person.refreshToken } = body);
    return status === 200;
  }

  /** Asks, works where that is wanted, and asks again. */
  async function insist(person: Person, path: string): Promise<Answered> {
    let answer = await ask(person, "POST", path, {});
    while (answer.body?.error === "challenge_required") {
      const { purpose, effort } = answer.body.details as CreateChallengeRequest;
      const challenge = (await ask(person, "POST", "/challenges", { purpose, effort }, "")).body as Challenge;
      // A machine that plays twelve thousand people is in no hurry with one of them.
      const solution = await solveChallenge({ challenge, deriveKey, timeout: 600_000 });
      if (solution === null) throw new Error("A challenge without a solution.");
      person.tries += solution.counter + 1;
      answer = await ask(person, "POST", path, { challenge: { challenge, solution: { counter: solution.counter, derivedKey: solution.derivedKey } } });
    }
    return answer;
  }

  function refuse(person: Person, doing: string, { status, body }: Answered): void {
    person.outcome = "refused";
    person.refusal = `${doing}: ${status} ${body?.error ?? body?.status ?? "without a word"}`;
  }

  function note(person: Person, doing: string, answer: Answered): void {
    const state = answer.body as QueueConsumerState | null;
    // Nothing is left: that is no refusal of anybody.
    const status = state?.status === "DENIED" && person.pollToken !== "" ? "QUEUED" : state?.status;
    if (status === "QUEUED") person.outcome = "in line";
    else if (status === "ADMITTED") person.outcome = "let in";
    else refuse(person, doing, answer);
  }

  async function arrive(person: Person, queueId: string): Promise<void> {
    person.device = await createTestDevice();
    const guest = await insist(person, "/auth/guest");
    if (guest.status >= 300) return refuse(person, "guest", guest);
    ({ accessToken: person.token, refreshToken: person.refreshToken } = guest.body);
    const entered = await insist(person, `/queues/${queueId}/enter`);
    if (entered.body?.error === "authentication_required") return void (person.outcome = "identity");
    person.pollToken = entered.body?.pollToken ?? "";
    note(person, "enter", entered);
  }

  async function poll(person: Person, queueId: string): Promise<void> {
    const told = await ask(person, "GET", `/queues/${queueId}/status`);
    note(person, "wait", told);
    const { body } = told;
    if (body?.status === "QUEUED" && body.check !== undefined) note(person, "answer in mid-wait", await insist(person, `/queues/${queueId}/enter`));
  }

  return Object.freeze<FarmWorld>({
    async play(groups) {
      const { organization: _organization, publishableKey: key, secretKey } = await admin("POST", "/organizations", setting.operatorKey, { name: "Farm" });
      publishableKey = key;
      const queues = [{ name: "Line", admitRate: 6_000, maxAdmissions: places, openAt: null }];
      const made = await admin("POST", "/experiences", secretKey, { name: "Launch", protectionLevel: level, sequence: { name: "All", queues } });
      const queueId: string = made.sequences[0].queues[0].id;
      await admin("POST", `/queues/${queueId}/pause`, secretKey, {});
      const people = shuffled(
        groups.flatMap(({ name, people: count, addressOf }) =>
          Array.from({ length: count }, (_, index): Person => ({
            group: name,
            address: addressOf(index),
            device: null,
            token: "",
            refreshToken: "",
            pollToken: "",
            tries: 0,
            outcome: "refused",
            refusal: "never came",
          })),
        ),
      );
      await each(people, (person) => arrive(person, queueId));
      // Every device asks while it waits, and hears then what it has to show before its turn.
      await each(inLine(people), (person) => poll(person, queueId));
      await admin("POST", `/queues/${queueId}/resume`, secretKey, {});
      for (let round = 0; round < 120; round++) {
        await pause(betweenRoundsMs);
        await each(inLine(people), (person) => poll(person, queueId));
        if (people.filter((person) => person.outcome === "let in").length >= places || people.every((person) => person.outcome !== "in line")) break;
      }
      return groups.map(({ name, people: count }) => {
        const mine = people.filter(({ group }) => group === name);
        return {
          name,
          people: count,
          places: mine.filter(({ outcome }) => outcome === "let in").length,
          freePlaces: mine.filter(({ tries, outcome }) => outcome === "let in" && tries === 0).length,
          challenged: mine.filter(({ tries }) => tries > 0).length,
          tries: mine.reduce((sum, { tries }) => sum + tries, 0),
          askedForIdentity: mine.filter(({ outcome }) => outcome === "identity").length,
          ...refusalsOf(mine.filter(({ outcome }) => outcome === "refused")),
        };
      });
    },
  });
}

const inLine = (people: readonly Person[]): readonly Person[] => people.filter(({ outcome }) => outcome === "in line");

function refusalsOf(refused: readonly Person[]): Pick<GroupFigures, "refused" | "refusals"> {
  const refusals: Record<string, number> = {};
  for (const { refusal } of refused) refusals[refusal] = (refusals[refusal] ?? 0) + 1;
  return { refused: refused.length, refusals };
}

async function each<Item>(items: readonly Item[], act: (item: Item) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (next < items.length) await act(items[next++] as Item);
    }),
  );
}

/** The same order each time, so that two runs differ by what is compared and not by who came first. */
function shuffled<Item>(items: Item[]): Item[] {
  let seed = 1;
  for (let index = items.length - 1; index > 0; index--) {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    const other = seed % (index + 1);
    [items[index], items[other]] = [items[other] as Item, items[index] as Item];
  }
  return items;
}
