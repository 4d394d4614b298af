import type { ActiveExperiences, Mechanism, Participation, SyncKey } from "@fanfare-io/fanfare-contract";
import { createMailbox } from "../lib/mailbox.ts";
import type { Changes, Kept, Shelf } from "../lib/shelf.ts";
import { unversioned, versioned } from "../lib/versioned-json.ts";
import type { Mechanisms } from "../mechanisms/mechanism.ts";

/** A participation with what is needed to go on with it on the next page. */
export interface ParticipationRecord extends Participation {
  readonly name: string;
  readonly mechanism: Mechanism;
  /** The seat's own, see `Seat.memo`. */
  readonly memo: unknown;
}

/** What this device takes part in: for one consumer, shared by its tabs, kept between pages. */
export interface Participations {
  /**
   * Reads what is stored for this consumer; what belongs to somebody else is not seen. What belongs to `formerly`, the guest that this
   * consumer was, is theirs from now on.
   */
  load(consumerId: string, formerly?: string): Promise<void>;
  list(): readonly ParticipationRecord[];
  ofExperience(experienceId: string): ParticipationRecord | undefined;
  active(): ActiveExperiences;
  put(record: ParticipationRecord): void;
  remove(distributionId: string): void;
  /** Forgets everything of the consumer that was loaded. */
  clear(): Promise<void>;
}

/** What remembering needs from outside. */
export interface ParticipationsOptions {
  readonly device: Shelf;
  readonly mechanisms: Pick<Mechanisms, "groupOf">;
  /** Tells the other tabs that something was joined or left. */
  readonly announce: () => void;
}

type Records = Readonly<Record<string, ParticipationRecord>>;

const groups: readonly (keyof ActiveExperiences)[] = ["queues", "draws", "auctions", "appointments", "timedReleases", "waitlists"];

/** Which key of `sync.syncKeys` stands for a group: its own, such as `activeQueues`, where it has one. */
export function syncKeyOf(group: keyof ActiveExperiences): SyncKey {
  return group === "appointments" ? "activeJourneys" : `active${(group[0]?.toUpperCase() + group.slice(1)) as Capitalize<typeof group>}`;
}

/** `:state` holds the public participations, `:journeys` the rest of each record. */
export function createParticipations({ device, mechanisms, announce }: ParticipationsOptions): Participations {
  const post = createMailbox();
  const { groupOf } = mechanisms;
  let consumerId: string | null = null;
  let records: Records = {};

  const written = (owner: string, next: Records): Changes => ({
    journeys: versioned({ consumerId: owner, journeys: next }),
    state: versioned({ consumerId: owner, active: activeOf(Object.values(next), groupOf) }),
  });
  /** Applies one change to what is stored now, so that tabs do not undo each other's joins. */
  const change = (apply: (stored: Records) => Records, tell: boolean): void => {
    const owner = consumerId;
    records = apply(records);
    if (owner === null) return;
    void post(async () => {
      const kept = await device.transact((now) => (consumerId === owner ? written(owner, apply(recordsOf(now, owner))) : {}));
      if (consumerId !== owner) return;
      records = recordsOf(kept, owner);
      if (tell) announce();
    });
  };

  return Object.freeze<Participations>({
    load(owner, formerly) {
      // What was changed a moment ago, and is not written yet, is changed for whoever this is now.
      const mine = formerly !== undefined && consumerId === formerly ? records : {};
      if (consumerId !== owner) records = mine;
      consumerId = owner;
      return post(async () => {
        const inherit = (now: Kept): Changes => {
          const theirs = { ...recordsOf(now, formerly ?? owner), ...mine };
          return consumerId !== owner || Object.keys(theirs).length === 0 ? {} : written(owner, { ...theirs, ...recordsOf(now, owner) });
        };
        const kept = await (formerly === undefined ? device.read() : device.transact(inherit));
        if (consumerId === owner) records = recordsOf(kept, owner);
      });
    },
    list: () => Object.values(records),
    ofExperience: (experienceId) => Object.values(records).find((it) => it.experienceId === experienceId),
    active: () => activeOf(Object.values(records), groupOf),
    put(record) {
      const known = records[record.distributionId];
      change((stored) => ({ ...stored, [record.distributionId]: record }), known?.status !== record.status);
    },
    remove(distributionId) {
      if (records[distributionId]) change(({ [distributionId]: _gone, ...rest }) => rest, true);
    },
    clear() {
      const owner = consumerId;
      consumerId = null;
      records = {};
      return post(async () => {
        // Another tab may have begun anew as somebody else; only what belongs to the one who left goes.
        await device.transact((now) => (unversioned(now.get("state"))?.["consumerId"] === owner ? { state: null, journeys: null } : {}));
      });
    },
  });
}

function activeOf(records: readonly ParticipationRecord[], groupOf: (mechanism: Mechanism) => keyof ActiveExperiences | undefined): ActiveExperiences {
  const active = Object.fromEntries(groups.map((group) => [group, {}])) as Record<keyof ActiveExperiences, Record<string, Participation>>;
  for (const { mechanism, experienceId, sequenceId, distributionId, status, enteredAt } of records) {
    const group = groupOf(mechanism);
    if (group) active[group][distributionId] = { experienceId, sequenceId, distributionId, status, enteredAt };
  }
  return active;
}

function recordsOf(kept: Kept, owner: string): Records {
  const state = unversioned(kept.get("state"));
  const journeys = unversioned(kept.get("journeys"));
  if (state?.["consumerId"] !== owner || journeys?.["consumerId"] !== owner) return {};
  const entries = Object.entries((journeys["journeys"] ?? {}) as Record<string, Partial<ParticipationRecord> | null>);
  return Object.fromEntries(entries.filter((entry): entry is [string, ParticipationRecord] => isRecord(entry[1])));
}

function isRecord(it: Partial<ParticipationRecord> | null): boolean {
  const texts = [it?.experienceId, it?.sequenceId, it?.distributionId, it?.enteredAt, it?.name, it?.mechanism];
  return texts.every((text) => typeof text === "string") && (it?.status === "participating" || it?.status === "admitted");
}
