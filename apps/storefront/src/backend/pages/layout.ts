import { html } from "hono/html";
import { product } from "../../product.ts";
import type { HtmlEscapedString } from "hono/utils/html";

/** A finished piece of HTML: every value in it is escaped. */
export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

/** What a page that the backend writes needs around it. */
export interface Frame {
  readonly script: string;
  readonly styles: readonly string[];
}

/** The shop's frame around one page. `view` names the page to the stylesheet; on the `stage` the piece stands beside the words, as on the front page. */
export function layout(frame: Frame, page: { readonly title: string; readonly view: string; readonly place: "stage" | "counter"; readonly body: Html }): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <title>${page.title} · ${product.shop}</title>
        <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
        ${frame.styles.map((href) => html`<link rel="stylesheet" href="${href}" />`)}
        <script type="module" src="${frame.script}"></script>
      </head>
      <body>
        <a class="skip" href="#main">Skip to content</a>
        <header class="masthead"><a class="wordmark" href="/">${product.shop}</a></header>
        <main id="main" class="${page.place}" data-view="${page.view}" tabindex="-1">${page.body}</main>
        <footer class="colophon"><p>A demonstration shop. Nothing is sold, no card is charged.</p></footer>
      </body>
    </html>`;
}
