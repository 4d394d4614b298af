import { DatabaseError } from "./database.ts";

const passing = new Set(["40001", "40P01", "55P03"]);

/** Whether a failed statement may simply be repeated: it lost a race, or its outcome is unknown and repeating it is harmless. */
export function isPassing(error: unknown): boolean {
  return error instanceof DatabaseError && (error.code === "connection" || passing.has(error.code));
}

/** Repeats a statement that lost a race, a few times. A statement with an unknown outcome is repeated only by those who know that it is idempotent. */
export async function retryConflicts<Result>(run: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      if (attempt >= 5 || !(error instanceof DatabaseError) || !passing.has(error.code)) throw error;
    }
  }
}

/** Whether a statement rolled itself back because what it expected was not so (it divides by zero to do that; see `queue-entries.ts`). */
export function refusedItself(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === "22012";
}
