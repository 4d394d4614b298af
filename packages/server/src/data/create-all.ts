import type { Compilable } from "kysely";
import { DatabaseError } from "./database.ts";
import type { Database } from "./database.ts";

/** A statement with its parameters, for a batch. */
export type Prepared = Parameters<Database["batch"]>[0][number];

/** A composed statement, as a batch takes it. */
export function prepared(composed: Compilable): Prepared {
  const { sql, parameters } = composed.compile();
  return { statement: sql, parameters };
}

/** Runs composed statements as one transaction: true when all are in, false when an id was taken and nothing is. */
export function createAll(db: Database, statements: readonly Compilable[]): Promise<boolean> {
  return runAll(db, statements.map(prepared));
}

/** The same for statements written by hand. */
export async function runAll(db: Database, statements: readonly Prepared[]): Promise<boolean> {
  try {
    await db.batch(statements);
    return true;
  } catch (error) {
    if (error instanceof DatabaseError && error.code === "23505") return false;
    throw error;
  }
}
