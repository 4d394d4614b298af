/** What the worker opens: a directory, or memory, there with a dump to start from. */
export interface PGliteWorkerData {
  readonly directory?: string;
  readonly dump?: string;
}

/** A statement with its values. */
export interface Statement {
  readonly statement: string;
  readonly parameters: readonly unknown[];
}

/** From the service to the thread that holds the embedded database. */
export type PGliteRequest = { readonly id: number } & (
  | ({ readonly kind: "run" } & Statement)
  | { readonly kind: "batch"; readonly statements: readonly Statement[] }
  | { readonly kind: "dump" }
  | { readonly kind: "close" }
);

/** And back. Id 0 says that the database is open. */
export type PGliteReply =
  | { readonly id: number; readonly rows: readonly unknown[] }
  | { readonly id: number; readonly error: { readonly code: string; readonly message: string; readonly constraint?: string } };
