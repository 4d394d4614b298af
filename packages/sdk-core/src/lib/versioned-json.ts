/** Version of everything that is stored or sent between pages; what carries another is not read. */
export const formatVersion = 1;

/** An object as text, with its version. */
export function writeVersioned(value: object): string {
  return JSON.stringify({ v: formatVersion, ...value });
}

/** The object of a text; null when there is none, or it is not JSON of our version. */
export function readVersioned(text: string | null): Record<string, unknown> | null {
  try {
    const value = JSON.parse(text ?? "null") as Record<string, unknown> | null;
    return value?.["v"] === formatVersion ? value : null;
  } catch {
    return null;
  }
}
