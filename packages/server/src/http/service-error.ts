import { errorCatalog } from "@fanfare-io/fanfare-contract";
import type { ErrorCode, ValidationIssue } from "@fanfare-io/fanfare-contract";

/** Thrown anywhere below a route to answer with a code of the catalog; the pipeline turns it into the one error shape. */
export class ServiceError extends Error {
  override readonly name = "ServiceError";
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>> | undefined;
  readonly issues: readonly ValidationIssue[] | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: ErrorCode,
    more: { details?: Readonly<Record<string, unknown>>; issues?: readonly ValidationIssue[]; retryAfterSeconds?: number; message?: string } = {},
  ) {
    super(more.message ?? errorCatalog[code].message);
    this.code = code;
    this.details = more.details;
    this.issues = more.issues;
    this.retryAfterSeconds = more.retryAfterSeconds;
  }
}
