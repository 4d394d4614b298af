import type { Database } from "../data/database.ts";

/** Whether this node should get requests, and if not, why. */
export type Readiness = { readonly ready: true } | { readonly ready: false; readonly reason: "draining" | "database" };

const readinessMs = 1_000;

/** Anybody may ask, as often as they like; the database is asked once a second. */
export function createReadiness(db: Database, now: () => number, draining: () => boolean): () => Promise<Readiness> {
  let askedAt = -Infinity;
  let reachable: Promise<boolean> = Promise.resolve(false);
  return async () => {
    if (draining()) return { ready: false, reason: "draining" };
    if (now() - askedAt >= readinessMs) {
      askedAt = now();
      reachable = db.run("select 1", []).then(
        () => true,
        () => false,
      );
    }
    return (await reachable) ? { ready: true } : { ready: false, reason: "database" };
  };
}
