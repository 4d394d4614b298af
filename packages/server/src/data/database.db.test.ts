import { afterAll, beforeAll, expect, test } from "vitest";
import { DatabaseError } from "./database.ts";
import type { Database } from "./database.ts";
import { migrate, readMigrations, SchemaTooNewError } from "./migrate.ts";
import { openTestDatabase } from "./testing/open-test-database.ts";
import type { TestDatabase } from "./testing/open-test-database.ts";

let opened: TestDatabase;
let db: Database;
beforeAll(async () => {
  opened = await openTestDatabase();
  db = opened.db;
});
afterAll(() => opened.close());

test("both engines speak the same types in both directions", async () => {
  const at = new Date("2026-11-22T10:00:00.123Z");
  const id = "018f0000-0000-7000-8000-000000000000";
  const [row = {}] = await db.run<Record<string, unknown>>(
    "select $1::int8 as big, $2::timestamptz as at, $3::bytea as bytes, $4::uuid[] as ids, $5::int8[] as numbers, $6::text[] as texts, $7::bytea[] as blobs, $8::timestamptz[] as instants, $9::text as nothing, '{}'::int8[] as none",
    [9_007_199_254_740_991, at, Buffer.from([0, 255]), [id], [1, 2], ['a"b,c', "{}"], [Buffer.from("x"), null], [at, null], null],
  );
  expect(row["big"]).toBe(9_007_199_254_740_991);
  expect(row["at"]).toEqual(at);
  expect(row["bytes"]).toBeInstanceOf(Uint8Array);
  expect([...(row["bytes"] as Uint8Array)]).toEqual([0, 255]);
  expect(row["ids"]).toEqual([id]);
  expect(row["numbers"]).toEqual([1, 2]);
  expect(row["texts"]).toEqual(['a"b,c', "{}"]);
  expect((row["blobs"] as (Uint8Array | null)[]).map((blob) => blob && [...blob])).toEqual([[120], null]);
  expect(row["instants"]).toEqual([at, null]);
  expect(row["nothing"]).toBeNull();
  expect(row["none"]).toEqual([]);
});

test("a refused statement says its SQLSTATE and constraint, and the connection goes on", async () => {
  const insert = "insert into schema_migration (number, name, breaking, applied_at) values (1, 'again', false, now())";
  await expect(db.run(insert, [])).rejects.toMatchObject({ name: "DatabaseError", code: "23505", constraint: "schema_migration_pkey" });
  await expect(db.run("select 1 / $1::int", [0])).rejects.toMatchObject({ code: "22012" });
  await expect(db.run("select nonsense", [])).rejects.toBeInstanceOf(DatabaseError);
  expect(await db.run("select 1 as one", [])).toEqual([{ one: 1 }]);
});

test("a batch commits all of its statements or none", async () => {
  const insert = { statement: "insert into organization values ($1, 'A', null, 3600, 900, now())", parameters: ["org_batch"] };
  await expect(db.batch([insert, { statement: "select 1 / 0", parameters: [] }])).rejects.toMatchObject({ code: "22012" });
  expect(await db.queries.selectFrom("organization").select("id").where("id", "=", "org_batch").execute()).toEqual([]);
  await db.batch([insert]);
  expect(await db.queries.selectFrom("organization").select(["id", "sessionDurationSeconds"]).where("id", "=", "org_batch").execute()).toEqual([
    { id: "org_batch", sessionDurationSeconds: 3600 },
  ]);
});

test("migrating again takes no step, also from many nodes at once", async () => {
  const migrations = await readMigrations();
  expect(await migrate(db, migrations)).toEqual([]);
  const next = { number: 9001, name: "test", breaking: false, statements: "create table migration_probe (id int); insert into migration_probe values (1)" };
  const taken = await Promise.all([1, 2, 3, 4].map(() => migrate(db, [...migrations, next])));
  expect(taken.flat()).toEqual([next]);
  expect(await db.run("select id from migration_probe", [])).toEqual([{ id: 1 }]);
});

test("a failed step leaves nothing behind and can be taken later", async () => {
  const migrations = await readMigrations();
  const broken = { number: 9002, name: "broken", breaking: false, statements: "create table half_done (id int); select 1 / 0" };
  await expect(migrate(db, [...migrations, broken])).rejects.toMatchObject({ code: "22012" });
  const [row] = await db.run<{ there: string | null }>("select to_regclass('half_done')::text as there", []);
  expect(row?.there).toBeNull();
  expect(await migrate(db, [...migrations, { ...broken, statements: "create table half_done (id int)" }])).toHaveLength(1);
});

test("an older binary goes on after a compatible step and refuses a breaking one", async () => {
  const migrations = await readMigrations();
  await migrate(db, [...migrations, { number: 9003, name: "compatible", breaking: false, statements: "select 1" }]);
  expect(await migrate(db, migrations)).toEqual([]);
  await migrate(db, [...migrations, { number: 9004, name: "breaking", breaking: true, statements: "select 1" }]);
  await expect(migrate(db, migrations)).rejects.toBeInstanceOf(SchemaTooNewError);
});
