import type { Clock } from "./clock.ts";
import { createMailbox } from "./mailbox.ts";
import { applied } from "./shelf.ts";
import type { Changes, Shelf } from "./shelf.ts";
import type { Report } from "./report.ts";
import { createMemoryStorage, createResilientStorage } from "./resilient-storage.ts";
import type { TextStorage } from "./storage.ts";
import { parsed } from "./versioned-json.ts";

/** What a shelf of texts is made of. */
export interface TextShelfOptions {
  /** Null where the page has none. */
  readonly storage: TextStorage | null;
  /** Hears, once, that the storage refuses. */
  readonly onRefused: Report;
  readonly clock: Pick<Clock, "setTimeout">;
  /** The storage key of a name. */
  readonly keyOf: (name: string) => string;
  /** Which names are kept as text; the others cannot be, or may not. */
  readonly texts: readonly string[];
  /** Keeps the others. */
  readonly rest: Shelf;
  /** Tells a value that no other page could use. */
  readonly isOfThisPage: (name: string, value: unknown) => boolean;
}

/**
 * Where there is no database for everything: texts in a storage, the rest beside it. Transactions are one after the other in this page;
 * between tabs the last one to write wins, which the service's own idempotency has to bear.
 */
export function createTextShelf({ keyOf, texts, rest, isOfThisPage, ...options }: TextShelfOptions): Shelf {
  const storage = createResilientStorage(options.storage ?? createMemoryStorage(), options.onRefused, options.clock);
  const post = createMailbox();
  let own: Map<string, unknown> | null = null;

  const readTexts = async (): Promise<Map<string, unknown>> => {
    if (own) return new Map(own);
    const values = await Promise.all(texts.map(async (name) => [name, parsed(await storage.getItem(keyOf(name)))] as const));
    return new Map(values.filter(([, value]) => value !== null));
  };
  const write = async (changes: readonly (readonly [string, unknown])[], kept: Map<string, unknown>): Promise<void> => {
    applied(kept, Object.fromEntries(changes));
    if (changes.some(([name, value]) => isOfThisPage(name, value))) own ??= new Map();
    if (own) return void applied(own, Object.fromEntries(changes));
    for (const [name, value] of changes) await (value === null ? storage.removeItem(keyOf(name)) : storage.setItem(keyOf(name), JSON.stringify(value)));
  };
  return {
    read: () => post(async () => new Map([...(await rest.read()), ...(await readTexts())])),
    transact: (decide) =>
      post(async () => {
        const kept = await readTexts();
        let changes: Changes = {};
        const others = await rest.transact((now) => {
          changes = decide(new Map([...now, ...kept]));
          return Object.fromEntries(Object.entries(changes).filter(([name]) => !texts.includes(name)));
        });
        await write(
          Object.entries(changes).filter(([name]) => texts.includes(name)),
          kept,
        );
        return new Map([...others, ...kept]);
      }),
  };
}
