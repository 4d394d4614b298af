import pg from "pg";
import { DatabaseError } from "./database.ts";
import type { Database } from "./database.ts";
import { createQueries } from "./queries.ts";

/** How long the database may keep us waiting. Milliseconds. */
export interface PostgresLimits {
  readonly statementMs: number;
  readonly lockMs: number;
  readonly connectMs: number;
}

/** For requests: what takes longer than this is better refused than awaited. */
export const requestLimits: PostgresLimits = { statementMs: 10_000, lockMs: 4_000, connectMs: 5_000 };

/** For migrations, which may rewrite a table. */
export const migrationLimits: PostgresLimits = { statementMs: 3_600_000, lockMs: 60_000, connectMs: 5_000 };

export interface PostgresOptions {
  readonly url: string;
  readonly poolSize: number;
  readonly limits: PostgresLimits;
  /** Told about a connection that broke while idle: nobody waits for it, so it is news, not an error of a statement. */
  readonly onIdleError: (error: Error) => void;
}

const int8 = 20;
const int8Array = 1016;
// Counts and tickets stay far below 2^53, and both engines have to speak the same type.
const types = {
  getTypeParser(oid: number) {
    if (oid === int8) return Number;
    if (oid === int8Array) return (text: string) => (text === "{}" ? [] : text.slice(1, -1).split(",").map(Number));
    // oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- types of extensions are not in the enum
    return pg.types.getTypeParser(oid);
  },
};

/** Opens a pool over a PostgreSQL (15 or newer). Raises `DatabaseError` from every call. */
export function openPostgres(options: PostgresOptions): Database {
  const { limits } = options;
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.poolSize,
    application_name: "fanfare",
    connectionTimeoutMillis: limits.connectMs,
    statement_timeout: limits.statementMs,
    lock_timeout: limits.lockMs,
    idle_in_transaction_session_timeout: 2_000,
    // A frozen server answers no timeout of its own; this one is ours.
    query_timeout: limits.statementMs + 2_000,
    keepAlive: true,
    types,
  });
  pool.on("error", options.onIdleError);
  // A server that cuts a connection in the packet that opens it speaks before whoever asked for it can listen; its next statement says so anyway.
  pool.on("connect", (client) => client.on("error", () => undefined));
  const names = createStatementNames();

  const ask = async <Row>(name: string | undefined, statement: string, parameters: readonly unknown[]): Promise<readonly Row[]> => {
    try {
      const result = await pool.query({ ...(name === undefined ? {} : { name }), text: statement, values: [...parameters] });
      return result.rows as Row[];
    } catch (error) {
      throw toDatabaseError(error);
    }
  };
  const run = <Row>(statement: string, parameters: readonly unknown[]): Promise<readonly Row[]> => ask<Row>(names(statement), statement, parameters);
  // Composed queries stay unnamed: they have no end of shapes, and a named `select *` breaks when a newer node adds a column.
  const queries = createQueries((statement, parameters) => ask(undefined, statement, parameters));
  const batch: Database["batch"] = async (statements) => {
    const client = await pool.connect().catch((error: unknown) => {
      throw toDatabaseError(error);
    });
    let broken: Error | undefined;
    // Between two statements nobody waits for this connection; if it breaks there, the next statement says so, and this event must not end the process.
    const onBreak = (error: Error): void => {
      broken = error;
    };
    client.on("error", onBreak);
    try {
      await client.query("begin");
      for (const { statement, parameters } of statements) await client.query(statement, parameters.length === 0 ? undefined : [...parameters]);
      await client.query("commit");
    } catch (error) {
      const failure = toDatabaseError(error);
      await client.query("rollback").catch((reason: unknown) => {
        broken = toDatabaseError(reason);
      });
      throw failure;
    } finally {
      client.off("error", onBreak);
      client.release(broken);
    }
  };
  return Object.freeze<Database>({ profile: "postgres", queries, run, batch, close: () => pool.end() });
}

const namedStatements = 256;

/** Named statements are parsed once a connection. Only so many get a name, whatever is asked. */
function createStatementNames(): (statement: string) => string | undefined {
  const names = new Map<string, string>();
  return (statement) => {
    const known = names.get(statement);
    if (known !== undefined || names.size >= namedStatements) return known;
    const name = `fanfare_${names.size}`;
    names.set(statement, name);
    return name;
  };
}

/** Server-side ends of a connection (class 08, 57P01–57P03) leave the outcome as unknown as a broken socket does. */
function toDatabaseError(error: unknown): DatabaseError {
  if (error instanceof DatabaseError) return error;
  if (error instanceof pg.DatabaseError && error.code !== undefined) {
    const unknown = error.code.startsWith("08") || error.code.startsWith("57P");
    return new DatabaseError(unknown ? "connection" : error.code, error.message, error.constraint);
  }
  return new DatabaseError("connection", error instanceof Error ? error.message : String(error));
}
