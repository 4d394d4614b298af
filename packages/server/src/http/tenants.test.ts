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

test("whoever asks about a key that nobody knows is told on before each look-up, and about a known one never", async () => {
  const { state, db } = createKeyTable();
  let now = 0;
  const tenants = createTenants(db, () => now);
  const refuse = (): never => {
    throw new Error("Too many.");
  };
  expect(() => tenants.find("secret", "sk_live_a", refuse)).toThrow("Too many.");
  expect(state.reads).toBe(0);
  await tenants.find("secret", "sk_live_a");
  now = 2_000;
  expect(await tenants.find("secret", "sk_live_a", refuse)).toMatchObject({ id: "org_a" });
  state.known = false;
  await tenants.find("secret", "sk_live_b");
  for (now of [2_700, 4_000]) {
    const before = state.reads;
    if (now < 3_000) expect(tenants.find("secret", "sk_live_b", refuse)).toBeNull();
    else expect(() => tenants.find("secret", "sk_live_b", refuse)).toThrow("Too many.");
    expect(state.reads).toBe(before);
  }
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

test("ten thousand made-up keys make no good one forgotten, and only so many are looked up at once", async () => {
  const { state, db } = createKeyTable();
  const tenants = createTenants(db, () => 0);
  await tenants.find("publishable", "pk_live_a");
  state.known = false;
  const guesses = Array.from({ length: 256 }, async (_, index) => tenants.find("publishable", `pk_live_guess_${index}`));
  expect(() => tenants.find("publishable", "pk_live_one_more")).toThrow(expect.objectContaining({ code: "service_overloaded" }));
  expect(tenants.find("publishable", "pk_live_a")).toMatchObject({ id: "org_a" });
  await Promise.all(guesses);
  for (let index = 0; index < 12_000; index++) await tenants.find("secret", `sk_live_guess_${index}`);
  expect(tenants.find("publishable", "pk_live_a")).toMatchObject({ id: "org_a" });
});
