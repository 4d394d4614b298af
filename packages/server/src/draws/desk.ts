import type { InclusionProof, Receipt, SignedStatement } from "@fanfare-io/fanfare-draw-proof";
import type { DrawConsumerState } from "@fanfare-io/fanfare-contract";
import { isPassing } from "../data/conflicts.ts";
import type { Database } from "../data/database.ts";
import { findBatches, leaveDraw, readStandings } from "../data/draw-entries.ts";
import type { BatchRow } from "../data/draw-entries.ts";
import { readDrawGrants } from "../data/draw-results.ts";
import { readStatements } from "../data/draw-statements.ts";
import { findDraw, findDrawsOf, keyOf } from "../data/draws.ts";
import type { DrawStatementRow } from "../data/draw-statements.ts";
import type { DrawKey } from "../data/draws.ts";
import { standingOf } from "../domain/draw.ts";
import type { DrawFacts, DrawStanding } from "../domain/draw.ts";
import type { Clock } from "../platform/clock.ts";
import { createGroupCommit } from "../platform/group-commit.ts";
import type { GroupCommit, GroupCommitOptions } from "../platform/group-commit.ts";
import { createDrawEntrance, entriesAtOnce } from "./entrance.ts";
import type { Entered, Newcomer } from "./entrance.ts";
import { createReceipts, writeProof } from "./evidence.ts";
import { createSalts } from "./salts.ts";

/** Every draw of the service, for whoever answers requests. */
export interface DrawDesk {
  /** As it was a moment ago; null where there is none. */
  find(key: DrawKey): Promise<DrawFacts | null>;
  /** As it is now. */
  refresh(key: DrawKey): Promise<DrawFacts | null>;
  ofExperience(organizationId: string, experienceId: string): Promise<readonly DrawFacts[]>;
  /** Whether a newcomer would be entered in good time. */
  hasRoom(key: DrawKey): boolean;
  /** Enters, or finds the entry that there is. Durable when it resolves; raises `GroupCommitFull`. `isLimited`: one person may not take part in all of the experience. */
  enter(draw: DrawFacts, consumerId: string, isLimited?: boolean): Promise<Entered>;
  /** What a consumer is told of an entry that was made just now. */
  welcome(draw: DrawFacts, consumerId: string, entry: NonNullable<DrawStanding["entry"]>): DrawConsumerState;
  /** False where there was nothing to give up, or it is too late. */
  leave(draw: DrawFacts, consumerId: string): Promise<boolean>;
  /** What a consumer is told. */
  standing(draw: DrawFacts, consumerId: string): Promise<DrawConsumerState>;
  /** What a consumer is told, with the receipt of their entry where one stands. */
  place(draw: DrawFacts, consumerId: string): Promise<{ readonly state: DrawConsumerState; readonly receipt: Receipt | null }>;
  /** The proof of an entry under the published root; null for who has no entry. */
  proof(draw: DrawFacts, consumerId: string): Promise<InclusionProof | null>;
  /** What the draw said in public. */
  statements(draw: DrawFacts): Promise<readonly DrawStatementRow[]>;
  idle(): Promise<void>;
}

/** What the desk needs. */
export interface DrawDeskDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly monotonic: () => number;
  readonly signStatement: (text: string) => SignedStatement;
  /** 0 to 1: spreads people who are told to ask again at the same moment. */
  readonly random: () => number;
  /** How entries are paced, counted and shown while they are written together. */
  readonly batches: Pick<GroupCommitOptions<unknown, unknown>, "pause" | "onCommitted" | "around">;
}

const freshForMs = 500;

interface Commits {
  readonly entering: GroupCommit<Newcomer, Entered>;
  readonly asking: GroupCommit<Newcomer, DrawStanding>;
  /** In which batch a ticket came. */
  readonly finding: GroupCommit<{ readonly draw: DrawFacts; readonly ticket: number }, BatchRow | null>;
}

interface Known {
  readonly at: number;
  readonly draw: Promise<DrawFacts | null>;
}

/** Makes the desk: entries and questions of the same moment go to the database together, as joins of a line do. */
export function createDrawDesk(deps: DrawDeskDeps): DrawDesk {
  const { db, clock } = deps;
  const known = new Map<string, Known>();
  const commits = new Map<string, Commits>();
  const completions = new Map<string, { readonly at: number; readonly completed: Promise<number> }>();

  function refresh(key: DrawKey): Promise<DrawFacts | null> {
    const name = nameOf(key);
    if (known.size > 10_000) known.clear();
    const draw = findDraw(db, key);
    known.set(name, { at: clock.now(), draw });
    draw.catch(() => known.delete(name));
    return draw;
  }

  function find(key: DrawKey): Promise<DrawFacts | null> {
    const last = known.get(nameOf(key));
    const age = last === undefined ? Infinity : clock.now() - last.at;
    return last === undefined || age >= freshForMs || age < 0 ? refresh(key) : last.draw;
  }

  const saltsOf = createSalts(db);
  const receipts = createReceipts({ db, signStatement: deps.signStatement });
  const enterTogether = createDrawEntrance({ db, clock, receipts, saltsOf, refresh });

  async function askAll(items: readonly Newcomer[]): Promise<readonly DrawStanding[]> {
    const draw = items[0]?.draw;
    if (draw === undefined) return [];
    const standings = await readStandings(db, keyOf(draw), [...new Set(items.map((item) => item.consumerId))]);
    const byConsumer = new Map(standings.map((standing) => [standing.consumerId, standing]));
    return items.map(({ consumerId }) => byConsumer.get(consumerId) ?? { consumerId, entry: null, grant: null, rank: null });
  }

  function commitsOf(key: DrawKey): Commits {
    const name = nameOf(key);
    const made = commits.get(name);
    if (made !== undefined) return made;
    const shared = { maxBatch: entriesAtOnce, now: deps.monotonic, mayRepeat: isPassing };
    const entering = createGroupCommit({ ...shared, ...deps.batches, flush: enterTogether });
    const { pause } = deps.batches;
    const fresh: Commits = {
      entering,
      asking: createGroupCommit({ ...shared, pause, flush: askAll }),
      finding: createGroupCommit({
        ...shared,
        pause,
        flush: (asked) =>
          findBatches(
            db,
            key,
            asked.map(({ ticket }) => ticket),
          ),
      }),
    };
    commits.set(name, fresh);
    return fresh;
  }

  const standingRow = (draw: DrawFacts, consumerId: string): Promise<DrawStanding> => commitsOf(keyOf(draw)).asking.submit({ draw, consumerId });

  function completedOf(draw: DrawFacts): Promise<number> {
    if (draw.drawnAt === null) return Promise.resolve(0);
    const name = nameOf(keyOf(draw));
    const last = completions.get(name);
    if (last !== undefined && clock.now() - last.at < freshForMs) return last.completed;
    const completed = readDrawGrants(db, keyOf(draw)).then((grants) => grants.completed);
    if (completions.size > 1_000) completions.clear();
    completions.set(name, { at: clock.now(), completed });
    completed.catch(() => completions.delete(name));
    return completed;
  }

  const stateOf = (draw: DrawFacts, standing: DrawStanding, completed: number): DrawConsumerState =>
    standingOf(draw, standing, { completed, now: clock.now(), spread: deps.random() });

  async function receiptOf(draw: DrawFacts, { consumerId, entry }: DrawStanding): Promise<Receipt | null> {
    if (entry?.class !== 0) return null;
    // The receipt was made for a guest's id and stays the same, whoever that guest turned out to be.
    const enteredAs = entry.enteredAs ?? consumerId;
    const batch = await commitsOf(keyOf(draw)).finding.submit({ draw, ticket: entry.ticket });
    if (batch === null) return null;
    return receipts.again(draw, batch, { ticket: entry.ticket, consumerId: enteredAs, salt: (await saltsOf(draw))(enteredAs) });
  }

  return Object.freeze<DrawDesk>({
    find,
    refresh,
    ofExperience: (organizationId, experienceId) => findDrawsOf(db, organizationId, experienceId),
    hasRoom: (key) => commits.get(nameOf(key))?.entering.hasRoom() ?? true,
    enter: (draw, consumerId, isLimited = false) => commitsOf(keyOf(draw)).entering.submit({ draw, consumerId, isLimited }),
    welcome: (draw, consumerId, entry) => stateOf(draw, { consumerId, entry, grant: null, rank: null }, 0),
    async leave(draw, consumerId) {
      const left = await leaveDraw(db, keyOf(draw), consumerId, new Date(clock.now()));
      await refresh(keyOf(draw));
      return left;
    },
    async standing(draw, consumerId) {
      const [standing, completed] = await Promise.all([standingRow(draw, consumerId), completedOf(draw)]);
      return stateOf(draw, standing, completed);
    },
    async place(draw, consumerId) {
      const [standing, completed] = await Promise.all([standingRow(draw, consumerId), completedOf(draw)]);
      return { state: stateOf(draw, standing, completed), receipt: await receiptOf(draw, standing) };
    },
    async proof(draw, consumerId) {
      const { entry } = await standingRow(draw, consumerId);
      return entry === null ? null : writeProof(db, draw, entry.ticket);
    },
    statements: (draw) => readStatements(db, keyOf(draw)),
    async idle() {
      await Promise.all([...commits.values()].flatMap(({ entering, asking, finding }) => [entering.idle(), asking.idle(), finding.idle()]));
    },
  });
}

const nameOf = (key: DrawKey): string => `${key.organizationId}\n${key.drawId}`;
