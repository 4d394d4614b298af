import { html } from "hono/html";
import { art } from "./art.ts";
import { layout } from "./layout.ts";
import type { Refusal } from "../refusals.ts";
import type { Frame, Html } from "./layout.ts";

const wall = html`<div class="wall"><div class="wall-art" aria-hidden="true">${art["low-tide"]}</div></div>`;

/** A plain no: what happened, and the way on. */
export function refusalPage(frame: Frame, refusal: Pick<Refusal, "title" | "text" | "wayOn">, to = "/"): Html {
  const body = html`
    ${wall}
    <section class="panel">
      <h1>${refusal.title}</h1>
      <p class="lead">${refusal.text}</p>
      <p><a class="action" href="${to}">${refusal.wayOn}</a></p>
    </section>
  `;
  return layout(frame, { title: refusal.title, view: "refusal", place: "stage", body });
}

/** A declined card is no refusal of the shopper: the turn goes on. `turnUntil` is in milliseconds since 1970. */
export function declinedPage(frame: Frame, turnUntil: number | null): Html {
  const body = html`
    ${wall}
    <section class="panel">
      <h1>The card was declined</h1>
      <p class="lead">
        Nothing was charged, and your turn goes on${turnUntil === null ? "." : html`<span data-until-clock="${turnUntil}"></span>.`} Go back, continue to
        checkout, and pay with another card.
      </p>
      <p><a class="action" href="/">Back to your turn</a></p>
    </section>
  `;
  return layout(frame, { title: "Card declined", view: "declined", place: "stage", body });
}
