import type { Database } from "../../data/database.ts";
import { expireGrants } from "../../data/grants.ts";
import { readParts } from "../../data/merging.ts";
import type { Pair, QueuePart } from "../../data/merging.ts";
import type { StoredSession } from "../../data/sessions.ts";
import { createFollower } from "../../lines/follow.ts";
import type { Follower } from "../../lines/follow.ts";
import type { TurnedClock } from "../../lines/testing/test-node.ts";
import { createStage } from "./stage.ts";
import type { Stage } from "./stage.ts";
import { createIdentityWorld, email } from "./world.ts";
import type { IdentityWorld } from "./world.ts";

/** One thing that happens: what, to whom, where. */
export type Happening = readonly [
  what: "enter" | "enterLate" | "admit" | "hold" | "complete" | "release" | "leave" | "enterDraw" | "turn" | "close" | "prove" | "sweep",
  person: number,
  place: number,
];

const queues = ["queue_a", "queue_b"] as const;
const people = 3;
const capacity = 2;
/** Every node has heard of a link by then, however late a statement of before it commits. */
const hearsWithinMs = 10_000;

/** One history of people who take part in things and turn out to be each other, with everything that must hold throughout. */
export interface History {
  happen(happening: Happening): Promise<void>;
  /** What must hold when all is over. */
  end(): Promise<void>;
}

/** Raised where something does not hold. */
class Broken extends Error {
  override readonly name = "Broken";
}
function demand(holds: boolean, what: string, seen?: unknown): void {
  if (!holds) throw new Broken(seen === undefined ? what : `${what}: ${JSON.stringify(seen)}`);
}

interface Person {
  session: StoredSession;
  /** The id that it came with: calls that are under way still carry it. */
  readonly firstId: string;
  linkedAt: number;
  readonly holds: string[];
}

/** Begins a history over a stage of its own: two queues, one draw with one winner, three guests, of whom one becomes somebody at once. */
export async function beginHistory(db: Database, clock: TurnedClock): Promise<History> {
  const stage = await createStage(db, clock, { queues: { queue_a: capacity, queue_b: null }, draws: { draw_a: 1 } });
  const world = await createIdentityWorld(db, clock, { organizationId: stage.organizationId });
  const guests = await Promise.all(Array.from({ length: people }, (_, n) => world.guest(n !== 2)));
  const persons = guests.map((session): Person => ({ session, firstId: session.consumerId, linkedAt: Infinity, holds: [] }));
  const positions = new Map<string, { readonly ticket: number; readonly position: number }>();
  const deps = { db, clock, stage, world, persons, positions };
  await act(deps, "prove", persons[0] as Person, 0);

  return {
    async happen([what, number, place]) {
      const person = persons[number % people] as Person;
      await act(deps, what, person, place);
      await Promise.all([checkCounts(db, stage.organizationId), checkPositions(deps)]);
    },
    async end() {
      await world.merger.round();
      await checkAliases(db, stage.organizationId);
      await checkMemory(deps);
      await checkRows(db, stage.organizationId);
    },
  };
}

interface Deps {
  readonly db: Database;
  readonly clock: TurnedClock;
  readonly stage: Stage;
  readonly world: IdentityWorld;
  readonly persons: readonly Person[];
  readonly positions: Map<string, { readonly ticket: number; readonly position: number }>;
}

async function act(deps: Deps, what: Happening[0], person: Person, place: number): Promise<void> {
  const { stage, clock, world } = deps;
  const queueId = queues[place % queues.length] as string;
  const { consumerId } = person.session;
  switch (what) {
    case "enter":
      return stage.enter(queueId, consumerId);
    case "enterLate":
      // A node that has not heard of the link puts a guest into the line that is somebody by now.
      return stage.enter(queueId, clock.now() - person.linkedAt > hearsWithinMs ? consumerId : person.firstId);
    case "admit":
      return stage.admit(queueId, 1 + (place % 2));
    case "hold": {
      const held = await stage.hold(place % 3 === 2 ? "draw_a" : queueId, consumerId);
      if (held !== null) person.holds.push(held);
      return;
    }
    case "complete":
      return void (await stage.complete(person.holds.at(-1) ?? "none"));
    case "release":
      return stage.release(person.holds.pop() ?? "none");
    case "leave":
      await stage.leave(queueId, consumerId);
      return;
    case "enterDraw":
      return stage.enterDraw("draw_a", consumerId, 1 + (place % 3));
    case "turn":
      // Time does not pass without the rounds that it brings.
      await world.merger.round();
      clock.turn(400_000);
      for (const id of queues) await expireGrants(deps.db, { organizationId: stage.organizationId, queueId: id }, now(clock), now(clock));
      return;
    case "close":
      await world.merger.round();
      clock.turn(3_600_001);
      await stage.conduct("draw_a");
      return world.merger.settleDraw(stage.organizationId, "draw_a");
    case "prove":
      return prove(deps, person, place);
    case "sweep":
      return world.merger.round();
  }
}

const now = (clock: TurnedClock): Date => new Date(clock.now());
const ranks = { waiting: 1, admitted: 2, held: 3, completed: 4 };
const rankOf = (part: QueuePart): number => ranks[part.held ? "held" : part.state];

/** Proves an address, and where two become one, compares what is left with what the best of each pair was. */
async function prove({ db, clock, stage, world }: Deps, person: Person, place: number): Promise<void> {
  const address = email(`address-${place % 2}`);
  const owner = await world.ownerOf(address);
  const guestId = person.session.consumerId;
  const merges = person.session.consumerType === "guest" && owner !== null && owner !== guestId;
  const pair: Pair = { organizationId: stage.organizationId, guestId, consumerId: owner ?? guestId };
  const before = merges ? await readParts(db, pair) : null;
  person.session = (await world.prove(person.session, address)).session;
  if (before === null) return;
  person.linkedAt = clock.now();
  demand(person.session.consumerId === owner, "A merge leads to the owner of the address");
  const after = await readParts(db, pair);
  for (const queueId of queues)
    checkQueue(
      before.queues.filter(({ id }) => id === queueId),
      after.queues.filter(({ id }) => id === queueId),
    );
  for (const entry of before.entries.filter(({ open }) => !open))
    demand(
      after.entries.some(({ ticket }) => ticket === entry.ticket),
      "A closed list loses nobody",
      entry,
    );
  if (before.entries.some(({ open }) => open)) {
    const best = before.entries.toSorted((a, b) => b.weight - a.weight || a.ticket - b.ticket)[0];
    demand(after.entries.length === 1 && after.entries[0]?.ticket === best?.ticket && !after.entries[0]?.ofGuest, "The better entry stays", after.entries);
  }
}

/** Told apart here without the planner: further on is better, then the lower ticket or the longer grant, then the owner's. */
function checkQueue(before: readonly QueuePart[], after: readonly QueuePart[]): void {
  const [best, other] = before.toSorted(
    (a, b) =>
      rankOf(b) - rankOf(a) ||
      (rankOf(a) === 1 ? a.ticket - b.ticket : rankOf(a) === 2 ? (b.expiresAt ?? 0) - (a.expiresAt ?? 0) : 0) ||
      Number(a.ofGuest) - Number(b.ofGuest),
  );
  if (best === undefined) return demand(after.length === 0, "Nobody gets a place by being linked", after);
  const kept = after.find(({ ticket }) => ticket === best.ticket);
  demand(kept !== undefined && !kept.ofGuest && kept.state === best.state && kept.held === best.held, "The better standing is kept, as it was", [
    before,
    after,
  ]);
  const beside = other !== undefined && rankOf(other) >= ranks.held;
  demand(after.length === (beside ? 2 : 1), "The other one is given up, unless a shop holds or has sold it", [before, after]);
  if (beside)
    demand(
      after.some((part) => part.ticket === other.ticket && part.state === other.state && part.held === other.held),
      "What stays is as it was",
      after,
    );
}

async function checkCounts(db: Database, organizationId: string): Promise<void> {
  const rows = await db.run<{ distribution_id: string; active: number; live: number; owners: number }>(
    `select c.distribution_id, c.active, count(g.id)::integer as live, count(distinct coalesce(a.consumer_id, g.consumer_id))::integer as owners
       from distribution_counters c
       left join admission_grant g on g.organization_id = c.organization_id and g.distribution_id = c.distribution_id and g.state in ('active', 'held')
       left join consumer_alias a on a.organization_id = g.organization_id and a.alias_id = g.consumer_id
      where c.organization_id = $1 group by c.distribution_id, c.active`,
    [organizationId],
  );
  for (const row of rows) {
    demand(row.active === row.live, "Counters are what they count", row);
    demand(row.distribution_id !== "queue_a" || row.active <= capacity, "No more grants than the capacity (I4)", row);
  }
}

/** No position that somebody sees rises, but by giving it up and standing in line again (I6). */
async function checkPositions({ clock, stage, world, persons, positions }: Deps): Promise<void> {
  const keys = queues.map((queueId) => ({ organizationId: stage.organizationId, queueId }));
  await Promise.all(keys.map((key) => world.follower.catchUp(key)));
  for (const key of keys) {
    const { queueId } = key;
    const live = await world.follower.find(key);
    persons.forEach(({ session }, number) => {
      const name = `${number} ${queueId}`;
      const standing = live?.standingOf(session.consumerId, clock.now());
      const seen = positions.get(name);
      if (standing?.status !== "QUEUED" || standing.ticket === null || standing.position === null) return void positions.delete(name);
      const { ticket, position } = standing;
      // A guest who turns out to be somebody sees that consumer's place where it is the better one, and otherwise its own.
      demand(seen === undefined || ticket > seen.ticket || position <= seen.position, "A position rose", { name, seen, ticket, position });
      return void positions.set(name, { ticket, position });
    });
  }
}

/** Under the id of a guest who is somebody nothing stands but what a shop holds or sold, or a closed list holds. */
async function checkAliases(db: Database, organizationId: string): Promise<void> {
  const strays = await db.run(
    `select e.queue_id, e.state from consumer_alias a join queue_entry e on e.organization_id = a.organization_id and e.consumer_id = a.alias_id and e.live
       left join admission_grant g on g.organization_id = e.organization_id and g.distribution_id = e.queue_id and g.consumer_id = e.consumer_id and g.state = 'held'
      where a.organization_id = $1 and e.state <> 'completed' and g.id is null
        and not exists (select 1 from queue_entry own where own.organization_id = a.organization_id and own.consumer_id = a.consumer_id
                           and own.queue_id = e.queue_id and own.live and own.state in ('admitted', 'completed'))`,
    [organizationId],
  );
  demand(strays.length === 0, "Something was left behind", strays);
}

/** A node that was told of each change knows what one that has just started reads. */
async function checkMemory({ db, clock, stage, world, persons }: Deps): Promise<void> {
  const fresh = createFollower({
    db,
    clock,
    breathe: () => Promise.resolve(),
    onFault: (error) => {
      throw error;
    },
  });
  for (const queueId of queues) {
    const key = { organizationId: stage.organizationId, queueId };
    await world.follower.catchUp(key);
    for (const { session, firstId } of persons)
      for (const id of [session.consumerId, firstId]) {
        const [told, read] = [await standingOf(world.follower, key, id, clock), await standingOf(fresh, key, id, clock)];
        demand(told === read, "Memory and database disagree", { queueId, told, read });
      }
  }
}

async function standingOf(
  follower: Follower,
  key: { readonly organizationId: string; readonly queueId: string },
  consumerId: string,
  clock: TurnedClock,
): Promise<string> {
  const standing = (await follower.find(key))?.standingOf(consumerId, clock.now());
  return standing?.status === "QUEUED" ? `${standing.ticket} ${standing.position}` : standing?.status === "ADMITTED" ? standing.grantId : "nothing";
}

/** No ticket, entry or grant ever vanishes, whoever it belongs to by now. */
async function checkRows(db: Database, organizationId: string): Promise<void> {
  const rows = await db.run<{ id: string; tickets: number; entries: number }>(
    `select q.id, q.next_ticket - 1 as tickets, (select count(*) from queue_entry e where e.organization_id = $1 and e.queue_id = q.id) as entries from queue q where q.organization_id = $1
     union all select d.id, d.next_ticket - 1, (select count(*) from draw_entry e where e.organization_id = $1 and e.draw_id = d.id) from draw d where d.organization_id = $1
     union all select c.distribution_id, c.granted, (select count(*) from admission_grant g where g.organization_id = $1 and g.distribution_id = c.distribution_id)
       from distribution_counters c where c.organization_id = $1`,
    [organizationId],
  );
  for (const row of rows) demand(row.tickets === row.entries, "Every ticket and every grant is there", row);
}
