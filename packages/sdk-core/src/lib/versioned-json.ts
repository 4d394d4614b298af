/** Version of everything that is stored or sent between pages. */
export const formatVersion = 1;

/** An object with its version, to be stored. */
export function versioned<T extends object>(value: T): T & { readonly v: number } {
  return { v: formatVersion, ...value };
}

/** The fields of a stored object; null when there is none, or it is not of our version. */
export function unversioned(value: unknown): Record<string, unknown> | null {
  return (value as { v?: unknown } | null | undefined)?.v === formatVersion ? (value as Record<string, unknown>) : null;
}

/** Whether a newer SDK has stored this, in another tab or before a downgrade: it is left as it is, and not written over. */
export function isNewer(value: unknown): boolean {
  return Number((value as { v?: unknown } | null | undefined)?.v) > formatVersion;
}

/** What a text says; the text itself when it is no JSON, which no reader takes for an object of ours. */
export function parsed(text: string | null): unknown {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return text;
  }
}
