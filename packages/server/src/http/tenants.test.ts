import { expect, test } from "vitest";
import type { Database } from "../data/database.ts";
import { DatabaseError } from "../data/database.ts";
import { createTenants } from "./tenants.ts";

/** A key table in memory, which can be made unreachable. */
function createKeyTable() {
  const state = { known: true, reachable: true, reads: 0 };
  const run = async () => {
    state.reads += 1;
    if (!state.reachable) throw new DatabaseError("connection", "gone");
    return state.known ? [{ id: "org_a", embedding_allowed_hosts: null, session_duration_seconds: 60, checkout_seconds: 60 }] : [];
  };
  return { state, db: { run } as unknown as Database };
}

test("a key is read once however many ask at once, and a revoked one is known as such after a second", async () => {
  const { state, db } = createKeyTable();
  let now = 0;
  const tenants = createTenants(db, () => now);
  const found = await Promise.all(Array.from({ length: 50 }, async () => tenants.find("publishable", "pk_live_a")));
  expect(found.every((tenant) => tenant?.id === "org_a")).toBe(true);
  expect(state.reads).toBe(1);
  now = 499;
  expect(tenants.find("publishable", "pk_live_a")).toMatchObject({ id: "org_a" });
  expect(state.reads).toBe(1);
  state.known = false;
  now = 1_000;
  expect(await tenants.find("publishable", "pk_live_a")).toBeNull();
});

test("a key in use is renewed before it is stale, so that nobody waits", async () => {
  const { state, db } = createKeyTable();
  let now = 0;
  const tenants = createTenants(db, () => now);
  await tenants.find("publishable", "pk_live_a");
  now = 600;
  expect(tenants.find("publishable", "pk_live_a")).toMatchObject({ id: "org_a" });
  await Promise.resolve();
  expect(state.reads).toBe(2);
});

test("while the database is gone, known keys go on and unknown ones say so", async () => {
  const { state, db } = createKeyTable();
  let now = 0;
  const tenants = createTenants(db, () => now);
  await tenants.find("publishable", "pk_live_a");
  state.reachable = false;
  now = 60_000;
  expect(await tenants.find("publishable", "pk_live_a")).toMatchObject({ id: "org_a" });
  await expect(tenants.find("publishable", "pk_live_b")).rejects.toMatchObject({ code: "connection" });
  now = 600_000;
  await expect(tenants.find("publishable", "pk_live_a")).rejects.toMatchObject({ code: "connection" });
});
