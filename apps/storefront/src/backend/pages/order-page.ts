import { html } from "hono/html";
import { formatMoney, pieces } from "../../product.ts";
import { art } from "./art.ts";
import { layout } from "./layout.ts";
import type { Order } from "../orders.ts";
import type { Frame, Html } from "./layout.ts";

/** The confirmation. While the line has not confirmed yet it says so, and nothing more. */
export function orderPage(frame: Frame, order: Order): Html {
  const confirmed = order.state === "completed";
  const { buyer } = order;
  const piece = pieces[order.piece];
  const body = html`
    <div class="wall"><div class="wall-art" aria-hidden="true">${art[order.piece]}</div></div>
    <section class="panel">
      <p class="eyebrow">${confirmed ? "Thank you" : "Payment received"}</p>
      <h1>${confirmed ? "It is yours." : "We are writing it in the book."}</h1>
      <p class="lead">
        ${confirmed ? "It leaves the workshop within three days, packed in wood wool." : "Your payment is safe. This page changes by itself when the order is confirmed."}
      </p>
      <dl class="ledger">
        <div>
          <dt>Order number</dt>
          <dd class="number">${order.orderId}</dd>
        </div>
        <div>
          <dt>Piece</dt>
          <dd>${piece.name}, ${piece.kind.toLowerCase()}</dd>
        </div>
        <div>
          <dt>Paid</dt>
          <dd>${formatMoney(order.amount, piece.currency)}, delivery included</dd>
        </div>
        ${
          buyer === null
            ? ""
            : html`<div>
                <dt>Going to</dt>
                <dd>${buyer.name}<br />${buyer.street}<br />${buyer.postcode} ${buyer.city}</dd>
              </div>`
        }
      </dl>
      <p><a class="quiet-link" href="/">Back to the shop</a></p>
      ${confirmed ? "" : html`<span data-reload hidden></span>`}
    </section>
  `;
  return layout(frame, { title: confirmed ? `Order ${order.orderId}` : "Confirming your order", view: "order", place: "stage", body });
}
