import { randomUUID } from "node:crypto";
import { hashOfSeed, toHex } from "@fanfare-io/fanfare-draw-proof";
import { admitTickets, readCounters } from "../../data/admissions.ts";
import type { Database } from "../../data/database.ts";
import { insertDrawEntries } from "../../data/draw-entering.ts";
import { insertDraw } from "../../data/draw-settings.ts";
import { completeGrant, holdGrant, releaseGrant, replacePresentation } from "../../data/grants.ts";
import { insertEntries, leaveQueue } from "../../data/queue-entries.ts";
import { writeCommitment } from "../../domain/draw-statements.ts";
import { conductDraw } from "../../draws/conduct.ts";
import type { TurnedClock } from "../../lines/testing/test-node.ts";

/** Queues and draws of one organization, which people enter and are let into by hand. */
export interface Stage {
  readonly organizationId: string;
  enter(queueId: string, ...consumerIds: readonly string[]): Promise<void>;
  /** Lets the first so many who wait in; nobody where a cap is in the way. */
  admit(queueId: string, count: number): Promise<void>;
  leave(queueId: string, consumerId: string): Promise<boolean>;
  /** Presents the consumer's grant to the shop, which holds it; null where there is none. */
  hold(distributionId: string, consumerId: string): Promise<string | null>;
  /** The shop sells; the consumer whom the receipt names. */
  complete(redemptionId: string): Promise<string | null>;
  release(redemptionId: string): Promise<void>;
  enterDraw(drawId: string, consumerId: string, weight?: number): Promise<void>;
  /** Takes the draw as far as it goes now. */
  conduct(drawId: string): Promise<void>;
}

/** What a stage has on it: queues by their capacity, draws by their winners. Draws close in an hour. */
export interface StageWish {
  readonly queues?: Readonly<Record<string, number | null>>;
  readonly draws?: Readonly<Record<string, number>>;
}

/** Makes an organization with queues and draws. */
export async function createStage(db: Database, clock: TurnedClock, { queues = {}, draws = {} }: StageWish): Promise<Stage> {
  const organizationId = `org_${randomUUID().replaceAll("-", "")}`;
  const at = (): Date => new Date(clock.now());
  const record = { organizationId, createdAt: at() };
  const rows = [
    db.queries
      .insertInto("organization")
      .values({ id: organizationId, name: "Shop", embeddingAllowedHosts: null, sessionDurationSeconds: 3600, checkoutSeconds: 900, createdAt: at() }),
    db.queries.insertInto("experience").values({ ...record, id: "exp_a", name: "Drop", timeZone: "UTC" }),
    db.queries.insertInto("sequence").values({ ...record, id: "seq_a", experienceId: "exp_a", name: "Everyone", priority: 0 }),
    ...Object.entries(queues).flatMap(([id, capacity]) => [
      db.queries.insertInto("queue").values({
        ...record,
        id,
        sequenceId: "seq_a",
        experienceId: "exp_a",
        name: id,
        admitRate: 6000,
        capacity,
        maxWaiting: null,
        maxAdmissions: null,
        admissionExpirationSeconds: 600,
        positionDisplayMode: "precise",
        message: null,
      }),
      db.queries.insertInto("distributionCounters").values({ distributionId: id, organizationId }),
    ]),
  ].map((query) => {
    const { sql, parameters } = query.compile();
    return { statement: sql, parameters };
  });
  await db.batch([...rows, ...Object.entries(draws).flatMap(([id, winnerCount]) => drawStatements(organizationId, id, winnerCount, clock.now()))]);
  const queueKey = (queueId: string) => ({ organizationId, queueId });
  const drawKey = (drawId: string) => ({ organizationId, drawId });
  const newGrantId = (): string => `grant_${randomUUID()}`;

  return {
    organizationId,
    async enter(queueId, ...consumerIds) {
      for (const consumerId of consumerIds) await insertEntries(db, queueKey(queueId), [consumerId], at(), 0);
    },
    async admit(queueId, count) {
      const waiting = await db.run<{ ticket: number }>(
        "select ticket from queue_entry where organization_id = $1 and queue_id = $2 and state = 'waiting' order by ticket limit $3",
        [organizationId, queueId, count],
      );
      const { epoch } = await readCounters(db, queueKey(queueId));
      const tickets = waiting.map(({ ticket }) => ticket);
      if (tickets.length > 0) await admitTickets(db, queueKey(queueId), { epoch, tickets, grantIds: tickets.map(newGrantId), at: at(), tokensLeft: null });
    },
    leave: (queueId, consumerId) => leaveQueue(db, queueKey(queueId), consumerId, at()),
    async hold(distributionId, consumerId) {
      const presentationId = randomUUID();
      const presented = await replacePresentation(db, organizationId, {
        consumerId,
        distributionId,
        presentationId,
        sessionId: null,
        keyThumbprint: null,
        at: at(),
      });
      if (presented === null) return null;
      const held = await holdGrant(db, organizationId, {
        distributionId,
        grantId: presented.id,
        presentationId,
        redemptionId: `red_${randomUUID()}`,
        at: at(),
        heldUntil: new Date(clock.now() + 900_000),
      });
      return held?.redemptionId ?? null;
    },
    async complete(redemptionId) {
      const order = { redemptionId, orderId: redemptionId, receiptId: `rcpt_${randomUUID()}`, orderAmount: null, at: at() };
      return (await completeGrant(db, organizationId, order))?.consumerId ?? null;
    },
    async release(redemptionId) {
      await releaseGrant(db, organizationId, redemptionId, at(), at());
    },
    async enterDraw(drawId, consumerId, weight = 1) {
      await insertDrawEntries(db, drawKey(drawId), [{ consumerId, salt: new Uint8Array(16), weight }], at());
    },
    conduct: (drawId) => conductDraw({ db, clock, newGrantId }, drawKey(drawId)),
  };
}

function drawStatements(organizationId: string, drawId: string, winnerCount: number, now: number) {
  const seed = new Uint8Array(32).fill(7);
  const drawsAt = now + 3_600_000;
  const continueSelecting = true;
  const terms = { organizationId, drawId, opensAt: now, closesAt: drawsAt, drawsAt, winnerCount, maxWeight: 3, continueSelecting };
  const commitment = writeCommitment({ ...terms, beacon: null, seedHash: toHex(hashOfSeed(seed)) }, now, null);
  const request = {
    sequenceId: "seq_a",
    name: drawId,
    drawAt: new Date(drawsAt).toISOString(),
    winnerCount,
    admissionExpirationSeconds: 600,
    continueSelectingUntilCompleted: continueSelecting,
    beacon: null,
    weighting: { rule: "luck_balancing" as const, maxWeight: 3 },
  };
  const at = new Date(now);
  return insertDraw(organizationId, { id: drawId, experienceId: "exp_a", request, seed, blindingKey: new Uint8Array(32), opensAt: at, at, commitment });
}
