import { ServiceError } from "../service-error.ts";

/** What was found, or 404. */
export function found<Found>(record: Found | null): Found {
  if (record === null) throw new ServiceError("not_found");
  return record;
}

/** A page, or the refusal of a cursor that this service did not make. */
export function pageOrRefuse<Found>(page: Found | null, query: { readonly before?: string | undefined }): Found {
  if (page !== null) return page;
  const field = query.before === undefined ? "after" : "before";
  throw invalidField(field, "is not a cursor of this list", "a cursor from pageInfo");
}

/** Refuses one field of the request with the words of `validation_error`. */
export function invalidField(field: string | readonly (string | number)[], message: string, expected: string): ServiceError {
  return new ServiceError("validation_error", { issues: [{ path: typeof field === "string" ? [field] : [...field], message, expected }] });
}
