import { pieces, product } from "../../product.ts";
import type { PieceId } from "../../product.ts";
import type { StorefrontConfig } from "../config.ts";

/** What the front page may know; nothing in it is secret. */
export interface ShopSettings {
  readonly organizationId: string;
  readonly publishableKey: string;
  /** Of the piece that this page shows. */
  readonly experienceId: string;
  readonly piece: PieceId;
  /** Whether there is a second piece, given out by draw at `/draw`. */
  readonly hasDraw: boolean;
  /** The draw that this page checks, whoever looks at it; null on every other page. */
  readonly checkDrawId: string | null;
  /** The shop's clock in milliseconds since 1970: shoppers' clocks may be wrong by a day. */
  readonly now: number;
  /** Pieces that nobody has bought or holds. */
  readonly left: number;
  readonly edition: number;
}

const place = "<!--shop-settings-->";

/** Writes the shop's settings into the built front page. */
export function frontPage(
  indexHtml: string,
  config: StorefrontConfig,
  { checkDrawId, ...facts }: Pick<ShopSettings, "piece" | "now" | "left" | "edition"> & { readonly checkDrawId?: string },
): string {
  const { organizationId, publishableKey, drawExperienceId } = config;
  const experienceId = facts.piece === "first-light" ? (drawExperienceId ?? "") : config.experienceId;
  const settings: ShopSettings = {
    organizationId,
    publishableKey,
    experienceId,
    hasDraw: drawExperienceId !== undefined,
    checkDrawId: checkDrawId ?? null,
    ...facts,
  };
  // A data block does not run, so the content security policy lets it be; only the end of the element has to be kept out of it.
  const json = JSON.stringify(settings).replaceAll("<", String.raw`\u003c`);
  const tags = `<meta name="fanfare-api-url" content="${escapeAttribute(config.apiUrl)}" /><script type="application/json" id="shop-settings">${json}</script>`;
  const { name, kind } = pieces[facts.piece];
  return indexHtml
    .replace(place, () => tags)
    .replace(/<title>[^<]*/, () => `<title>${name} · ${product.shop}`)
    .replace(/(<meta name="description" content=")[^"]*/, (_all, before: string) => `${before}${escapeAttribute(`${name}. ${kind}.`)}`);
}

function escapeAttribute(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}
