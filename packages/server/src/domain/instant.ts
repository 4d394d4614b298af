// A prime, so that instants that lie whole seconds apart do not drive each other out.
const kept = 61;
const instants = new Float64Array(kept).fill(Number.NaN);
const texts: string[] = Array.from({ length: kept }, () => "");

/**
 * Writes an instant in milliseconds as ISO 8601. Writing one takes longer than all else of an answer to a waiter, and answers of the same
 * moment name the same instants: the last few are kept.
 */
export function isoInstant(milliseconds: number): string {
  const place = Math.abs(Math.trunc(milliseconds)) % kept;
  if (instants[place] !== milliseconds) {
    texts[place] = new Date(milliseconds).toISOString();
    instants[place] = milliseconds;
  }
  return texts[place] ?? "";
}
