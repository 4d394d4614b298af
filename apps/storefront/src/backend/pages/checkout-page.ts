import { html } from "hono/html";
import { formatMoney, pieces } from "../../product.ts";
import { art } from "./art.ts";
import { layout } from "./layout.ts";
import type { PaymentField } from "../forms.ts";
import type { Buyer, Order } from "../orders.ts";
import type { Frame, Html } from "./layout.ts";

/** What a form shows again after it was refused. */
export interface Refill {
  readonly values: Buyer;
  readonly problems: Partial<Record<PaymentField, string>>;
}

interface Field {
  readonly name: PaymentField;
  readonly label: string;
  readonly autocomplete: string;
  readonly numeric?: boolean;
  readonly hint?: Html;
}

const fields: readonly Field[] = [
  { name: "name", label: "Name", autocomplete: "name" },
  { name: "street", label: "Street and number", autocomplete: "street-address" },
  { name: "postcode", label: "Postcode", autocomplete: "postal-code" },
  { name: "city", label: "Town or city", autocomplete: "address-level2" },
];
const cardField: Field = {
  name: "card",
  label: "Test card number",
  autocomplete: "off",
  numeric: true,
  hint: html`<span class="together">4242 4242 4242 4242 is accepted,</span> <span class="together">4000 0000 0000 0002 is declined.</span>`,
};

/** The counter: what is bought, for how long it is held, where it goes, and the card. `now` is in milliseconds since 1970. */
export function checkoutPage(frame: Frame, order: Order, now: number, refill?: Refill): Html {
  const piece = pieces[order.piece];
  const problems = Object.entries(refill?.problems ?? {});
  const price = formatMoney(order.amount, piece.currency);
  const body = html`
    <section class="till">
      <h1>Checkout</h1>
      ${holdLine(order, now)} ${problems.length === 0 ? "" : summary(problems)}
      <form method="post" action="/shop/pay" novalidate data-once>
        <fieldset>
          <legend>Where it goes</legend>
          ${fields.map((field) => input(field, refill))}
        </fieldset>
        <fieldset>
          <legend>Payment</legend>
          ${input(cardField, refill)}
        </fieldset>
        <button class="action" type="submit" data-busy="Paying…">Pay ${price}</button>
      </form>
    </section>
    <aside class="bill" aria-label="Your order">
      <div class="bill-art" aria-hidden="true">${art[order.piece]}</div>
      <dl>
        <div>
          <dt>${piece.name}<span>${piece.kind}</span></dt>
          <dd>${price}</dd>
        </div>
        <div>
          <dt>Delivery</dt>
          <dd>Included</dd>
        </div>
        <div class="total">
          <dt>Total</dt>
          <dd>${price}</dd>
        </div>
      </dl>
    </aside>
  `;
  return layout(frame, { title: problems.length === 0 ? "Checkout" : "Check the form", view: "checkout", place: "counter", body });
}

// The script counts this down; without it the whole minutes still tell the truth.
function holdLine(order: Order, now: number): Html {
  const minutes = Math.max(1, Math.floor((order.heldUntil - now) / 60_000));
  return html`<p class="hold" data-hold data-until="${order.heldUntil}" data-now="${now}">
    ${pieces[order.piece].name} is held for you for <span role="timer" data-left>${minutes === 1 ? "1 minute" : `${minutes} minutes`}</span>.
    <span class="hold-note" data-note role="status"></span>
  </p>`;
}

function summary(problems: [string, string][]): Html {
  return html`<div class="problems" role="alert" tabindex="-1" data-focus>
    <h2>${problems.length === 1 ? "One thing to put right" : `${problems.length} things to put right`}</h2>
    <ul>
      ${problems.map(([name, problem]) => html`<li><a href="#${name}">${problem}</a></li>`)}
    </ul>
  </div>`;
}

function input(field: Field, refill: Refill | undefined): Html {
  const problem = refill?.problems[field.name];
  const value = field.name === "card" ? "" : (refill?.values[field.name] ?? "");
  const notes = [field.hint ? `${field.name}-hint` : "", problem ? `${field.name}-problem` : ""].filter(Boolean).join(" ");
  return html`<div class="field" data-field="${field.name}">
    <label for="${field.name}">${field.label}</label>
    ${field.hint ? html`<p class="hint" id="${field.name}-hint">${field.hint}</p>` : ""}
    ${problem ? html`<p class="problem" id="${field.name}-problem">${problem}</p>` : ""}
    <input
      id="${field.name}"
      name="${field.name}"
      value="${value}"
      autocomplete="${field.autocomplete}"
      required
      maxlength="120"
      ${field.numeric ? html`inputmode="numeric"` : ""}
      ${notes === "" ? "" : html`aria-describedby="${notes}"`}
      ${problem ? html`aria-invalid="true"` : ""}
    />
  </div>`;
}
