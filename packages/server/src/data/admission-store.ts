import { admitTickets, holdLease, releaseLeases } from "./admissions.ts";
import type { Lease } from "./admissions.ts";
import type { Database } from "./database.ts";
import { expireGrants } from "./grants.ts";
import { endPlaces } from "./queue-entries.ts";
import type { QueueKey } from "./queue-entries.ts";

/** What the admission job writes and reads. The service keeps it in its database, a simulation in memory: the job is the same. */
export interface AdmissionStore {
  holdLease(key: QueueKey, node: string, now: Date, expiresAt: Date): Promise<Lease | null>;
  releaseLeases(node: string): Promise<void>;
  admitTickets(key: QueueKey, admission: Parameters<typeof admitTickets>[2]): Promise<readonly number[] | null>;
  expireGrants(key: QueueKey, now: Date, heldBefore: Date): Promise<unknown>;
  endPlaces(key: QueueKey, tickets: readonly number[], at: Date, epoch: number): Promise<void>;
}

/** The store of a service: each call is one statement of its own. */
export function createAdmissionStore(db: Database): AdmissionStore {
  return Object.freeze<AdmissionStore>({
    holdLease: (key, node, now, expiresAt) => holdLease(db, key, node, now, expiresAt),
    releaseLeases: (node) => releaseLeases(db, node),
    admitTickets: (key, admission) => admitTickets(db, key, admission),
    expireGrants: (key, now, heldBefore) => expireGrants(db, key, now, heldBefore),
    endPlaces: (key, tickets, at, epoch) => endPlaces(db, key, tickets, at, epoch),
  });
}
