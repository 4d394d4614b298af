import type { Compilable } from "kysely";
import { DatabaseError } from "./database.ts";
import type { Database } from "./database.ts";

/** Runs composed statements as one transaction: true when all are in, false when an id was taken and nothing is. */
export async function createAll(db: Database, statements: readonly Compilable[]): Promise<boolean> {
  try {
    await db.batch(
      statements.map((composed) => {
        const { sql, parameters } = composed.compile();
        return { statement: sql, parameters };
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof DatabaseError && error.code === "23505") return false;
    throw error;
  }
}
