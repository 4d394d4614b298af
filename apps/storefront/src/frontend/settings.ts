import type { PieceId } from "../product.ts";

/** What the shop's backend wrote into the page. */
export interface Settings {
  readonly organizationId: string;
  readonly publishableKey: string;
  readonly experienceId: string;
  /** The piece that this page shows. */
  readonly piece: PieceId;
  /** Whether there is a second piece, given out by draw at `/draw`. */
  readonly hasDraw: boolean;
  /** The draw that this page checks, whoever looks at it; null on every other page. */
  readonly checkDrawId: string | null;
  /** The shop's clock when it wrote the page, in milliseconds since 1970. */
  readonly now: number;
  /** Pieces that nobody had bought or held then. */
  readonly left: number;
  readonly edition: number;
}

/** Reads the settings that came with the page. */
export function readSettings(page: Document): Settings {
  const text = page.getElementById("shop-settings")?.textContent;
  if (!text) throw new Error("The shop's settings are missing: this page is served by the shop's backend (apps/storefront/src/backend), not by itself.");
  return JSON.parse(text) as Settings;
}

/** Where the line is asked. */
export function readApiUrl(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="fanfare-api-url"]')?.content ?? `${location.origin}/api`;
}
