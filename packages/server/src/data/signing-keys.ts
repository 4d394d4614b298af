import type { Database } from "./database.ts";

/** A signing key as it lies in the database. */
export interface StoredSigningKey {
  readonly kid: string;
  /** Null once it is retired. */
  readonly sealed: Uint8Array | null;
  readonly signsFrom: Date;
  readonly retiresAt: Date | null;
}

/** All keys, the oldest first. */
export async function readSigningKeys(db: Database): Promise<readonly StoredSigningKey[]> {
  const rows = await db.run<{ kid: string; sealed: Uint8Array | null; signs_from: Date; retires_at: Date | null }>(
    "select kid, sealed, signs_from, retires_at from signing_key order by signs_from, kid",
    [],
  );
  return rows.map((row) => ({ kid: row.kid, sealed: row.sealed, signsFrom: row.signs_from, retiresAt: row.retires_at }));
}

/** Adds the key that a node was set up with: the first one signs at once, a later one only when every node can know it. */
export async function addConfiguredKey(db: Database, key: { readonly kid: string; readonly sealed: Uint8Array }, at: Date, laterOn: Date): Promise<void> {
  await db.run(
    `insert into signing_key (kid, sealed, signs_from, created_at)
     select $1, $2, case when exists (select 1 from signing_key) then $4::timestamptz else $3::timestamptz end, $3::timestamptz on conflict (kid) do nothing`,
    [key.kid, key.sealed, at, laterOn],
  );
}

/** Adds a key and sets an end to all before it, in one statement. */
export async function replaceSigningKeys(
  db: Database,
  key: { readonly kid: string; readonly sealed: Uint8Array; readonly signsFrom: Date },
  othersRetireAt: Date,
  at: Date,
): Promise<void> {
  await db.run(
    `with ending as (update signing_key set retires_at = $4 where retires_at is null or retires_at > $4 returning 1)
     insert into signing_key (kid, sealed, signs_from, created_at) select $1, $2, $3::timestamptz, $5::timestamptz from (select count(*) from ending) as done`,
    [key.kid, key.sealed, key.signsFrom, othersRetireAt, at],
  );
}

/** Forgets the secret of keys that have retired. */
export async function forgetRetiredSeeds(db: Database, at: Date): Promise<void> {
  await db.run("update signing_key set sealed = null where retires_at <= $1 and sealed is not null", [at]);
}
