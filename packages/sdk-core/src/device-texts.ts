import { createTextShelf } from "./lib/text-shelf.ts";
import type { TextShelfOptions } from "./lib/text-shelf.ts";
import type { Shelf } from "./lib/shelf.ts";

/** What of a session is text, where it is text. */
const texts = ["session", "ended", "install", "state", "journeys", "keepsakes", "external"];

/** The device where no database holds everything; apart from it, because few pages need this. */
export function openDeviceTexts(options: Omit<TextShelfOptions, "texts" | "isOfThisPage">): Shelf {
  return createTextShelf({ ...options, texts, isOfThisPage });
}

function isOfThisPage(name: string, value: unknown): boolean {
  return name === "session" && (value as { session?: { bound?: unknown } } | null)?.session?.bound === "page";
}
