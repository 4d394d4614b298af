import type { Kysely } from "kysely";
import type { Tables } from "./tables.ts";

/** Which engine answers. Differences between the two are data of this profile, never an `if` elsewhere. */
export type DatabaseProfile = "embedded" | "postgres";

/**
 * The database as the rest of the service sees it. There is no interactive transaction: a statement commits by itself, in one
 * round trip, because the embedded engine has one connection and a client idle inside a transaction blocks everybody.
 */
export interface Database {
  readonly profile: DatabaseProfile;
  /** Builds and runs the composed queries of the admin plane. Rows come in camelCase. */
  readonly queries: Kysely<Tables>;
  /** Runs one hand-written statement; rows come as the statement names them. Raises `DatabaseError` with the SQLSTATE in `code`. */
  run<Row>(statement: string, parameters: readonly unknown[]): Promise<readonly Row[]>;
  /** Runs statements in one transaction: all or none. */
  batch(statements: readonly { readonly statement: string; readonly parameters: readonly unknown[] }[]): Promise<void>;
  close(): Promise<void>;
}

/** A statement that failed, whichever engine refused it. */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
  /** SQLSTATE, or `connection` when the outcome is unknown because the connection broke. */
  readonly code: string;
  readonly constraint: string | undefined;

  constructor(code: string, message: string, constraint?: string) {
    super(message);
    this.code = code;
    this.constraint = constraint;
  }
}
