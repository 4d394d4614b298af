import { CamelCasePlugin, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from "kysely";
import type { DatabaseConnection, Driver } from "kysely";
import type { Tables } from "./tables.ts";

type Run = <Row>(statement: string, parameters: readonly unknown[]) => Promise<readonly Row[]>;

/** A query builder over one `run`: it composes statements and never opens a transaction, which the embedded engine could not bear. */
export function createQueries(run: Run): Kysely<Tables> {
  const connection: DatabaseConnection = {
    executeQuery: async <Row>(query: { readonly sql: string; readonly parameters: readonly unknown[] }) => ({
      rows: [...(await run<Row>(query.sql, query.parameters))],
    }),
    streamQuery: () => {
      throw new Error("Statements here answer at once; page with a cursor instead of streaming.");
    },
  };
  const noTransactions = async (): Promise<void> => {
    throw new Error("There is no interactive transaction; use one statement, or batch().");
  };
  const driver: Driver = {
    init: async () => {},
    acquireConnection: async () => connection,
    releaseConnection: async () => {},
    beginTransaction: noTransactions,
    commitTransaction: noTransactions,
    rollbackTransaction: noTransactions,
    destroy: async () => {},
  };
  return new Kysely<Tables>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => driver,
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
    plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true })],
  });
}
