import type { StorefrontConfig } from "../config.ts";

/** What the front page may know; nothing in it is secret. */
export interface ShopSettings {
  readonly organizationId: string;
  readonly publishableKey: string;
  readonly experienceId: string;
  /** The shop's clock in milliseconds since 1970: shoppers' clocks may be wrong by a day. */
  readonly now: number;
  /** Pieces that nobody has bought or holds. */
  readonly left: number;
  readonly edition: number;
}

const place = "<!--shop-settings-->";

/** Writes the shop's settings into the built front page. */
export function frontPage(indexHtml: string, config: StorefrontConfig, facts: Pick<ShopSettings, "now" | "left" | "edition">): string {
  const { organizationId, publishableKey, experienceId } = config;
  const settings: ShopSettings = { organizationId, publishableKey, experienceId, ...facts };
  // A data block does not run, so the content security policy lets it be; only the end of the element has to be kept out of it.
  const json = JSON.stringify(settings).replaceAll("<", String.raw`\u003c`);
  const tags = `<meta name="fanfare-api-url" content="${escapeAttribute(config.apiUrl)}" /><script type="application/json" id="shop-settings">${json}</script>`;
  return indexHtml.replace(place, () => tags);
}

function escapeAttribute(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}
