import type { Database } from "../data/database.ts";
import { findTenantByKey } from "../data/tenants.ts";
import { hashSecret } from "../platform/hashes.ts";
import type { Tenant } from "./endpoint.ts";
import { ServiceError } from "./service-error.ts";

/** Finds the organization of a key: at once for a key seen lately. */
export interface Tenants {
  /**
   * `beforeLookUp` is called where the database has to be asked about a key of which nothing good is known; what it raises is raised.
   * Raises `service_overloaded` where too many made-up keys are being looked up already.
   */
  find(kind: "publishable" | "secret", key: string, beforeLookUp?: () => void): Tenant | null | Promise<Tenant | null>;
}

interface Known {
  readonly tenant: Tenant | null;
  readonly readAt: number;
}

/** A revoked key or a changed setting is known on every node within this time. */
const freshMs = 1_000;
/** From this age on the next request has the answer renewed behind its back, so that nobody waits for the database once a second. */
const renewMs = 500;
/** While the database cannot be reached, nobody can have been revoked since either. */
const withoutDatabaseMs = 300_000;
const maxKeys = 10_000;
const mostReading = 256;

/** A cache in front of the key table. Unknown keys are remembered too, apart, so that guessing costs us little and makes no good key forgotten. */
export function createTenants(db: Database, now: () => number): Tenants {
  const known = new Map<string, Known>();
  const unknown = new Map<string, Known>();
  const reading = new Map<string, Promise<Tenant | null>>();

  async function read(kind: "publishable" | "secret", key: string, entry: string): Promise<Tenant | null> {
    try {
      const tenant = await findTenantByKey(db, kind, hashSecret(key));
      const [into, outOf] = tenant === null ? [unknown, known] : [known, unknown];
      if (into.size >= maxKeys) into.clear();
      into.set(entry, { tenant, readAt: now() });
      outOf.delete(entry);
      return tenant;
    } catch (error) {
      const last = known.get(entry);
      if (last?.tenant && now() - last.readAt < withoutDatabaseMs) return last.tenant;
      throw error;
    }
  }

  function renew(kind: "publishable" | "secret", key: string, entry: string): Promise<Tenant | null> {
    const running = reading.get(entry);
    if (running !== undefined) return running;
    const started = read(kind, key, entry).finally(() => reading.delete(entry));
    reading.set(entry, started);
    return started;
  }

  return Object.freeze<Tenants>({
    find(kind, key, beforeLookUp) {
      const entry = `${kind}\0${key}`;
      const last = known.get(entry) ?? unknown.get(entry);
      const age = last === undefined ? Infinity : now() - last.readAt;
      if (last === undefined || age >= freshMs) {
        if (!last?.tenant && !reading.has(entry)) {
          beforeLookUp?.();
          if (reading.size >= mostReading) throw new ServiceError("service_overloaded", { retryAfterSeconds: 2 });
        }
        return renew(kind, key, entry);
      }
      if (age >= renewMs && last.tenant !== null) renew(kind, key, entry).catch(() => undefined);
      return last.tenant;
    },
  });
}
