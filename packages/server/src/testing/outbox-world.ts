import { randomUUID } from "node:crypto";
import type { Database } from "../data/database.ts";
import type { CodeMessage } from "../delivery/message.ts";
import type { Senders } from "../delivery/senders.ts";
import { createDeliveryJob } from "../jobs/deliver.ts";
import type { DeliveryJob } from "../jobs/deliver.ts";
import { createSeals } from "../platform/seals.ts";

/** An outbox with nodes that deliver from it, and a time of day that the test turns. */
export interface OutboxWorld {
  now: number;
  /** What was logged, as one text. */
  readonly logged: string[];
  readonly done: { readonly channel: string; readonly outcome: string }[];
  readonly faults: unknown[];
  /** Puts a message in; answers its id. */
  put(message: Partial<CodeMessage> & { readonly to: string }, channel?: "email" | "phone"): Promise<string>;
  node(senders: Partial<Senders>): DeliveryJob;
  /** Ids of what still waits. */
  waiting(): Promise<readonly string[]>;
}

/** Makes it for one organization. */
export function createOutboxWorld(db: Database, organizationId: string): OutboxWorld {
  const seals = createSeals(new Uint8Array(32).fill(7), "message");
  const world: OutboxWorld = {
    now: Date.now(),
    logged: [],
    done: [],
    faults: [],
    async put(message, channel = "email") {
      const id = randomUUID();
      const content: CodeMessage = { code: "123456", organizationName: "Kiln Row", language: "en", host: null, ...message };
      const at = new Date(world.now);
      await db.run(`insert into outbox_message (organization_id, id, channel, sealed, created_at, expires_at, due_at) values ($1, $2, $3, $4, $5, $6, $5)`, [
        organizationId,
        id,
        channel,
        seals.seal(Buffer.from(JSON.stringify(content))),
        at,
        new Date(world.now + 600_000),
      ]);
      return id;
    },
    node: (senders) =>
      createDeliveryJob({
        db,
        clock: { now: () => world.now, every: () => () => undefined },
        seals,
        senders: { email: null, phone: null, ...senders },
        log: { warn: (facts, text) => void world.logged.push(JSON.stringify({ ...facts, text })) },
        metrics: { messageDone: (channel, outcome) => void world.done.push({ channel, outcome }) },
        random: () => 1,
        onFault: (error) => void world.faults.push(error),
      }),
    async waiting() {
      const rows = await db.run<{ id: string }>("select id from outbox_message where organization_id = $1 and dead_reason is null order by id", [
        organizationId,
      ]);
      return rows.map(({ id }) => id);
    },
  };
  return world;
}
