import { createHmac } from "node:crypto";
import type { WebhookSettings } from "../platform/delivery-settings.ts";
import { postDelivery } from "./http-delivery.ts";
import type { Sender } from "./message.ts";

/**
 * Text messages over an endpoint of the operator's own: `{ id, organizationId, to, text }`, signed. `Fanfare-Signature: t=<seconds>,v1=<hex>`
 * is the HMAC-SHA256 of `<seconds>.<body>` under the secret; whoever receives it checks it, the age of `t`, and that `id` is new.
 */
export function createSmsWebhookSender(settings: WebhookSettings, deps: { readonly fetch: typeof globalThis.fetch; readonly now: () => number }): Sender {
  return Object.freeze<Sender>({
    send({ id, organizationId, to, text }) {
      const body = JSON.stringify({ id, organizationId, to, text });
      const seconds = Math.floor(deps.now() / 1000);
      const signature = createHmac("sha256", settings.secret).update(`${seconds}.${body}`).digest("hex");
      const headers = { "content-type": "application/json", "fanfare-signature": `t=${seconds},v1=${signature}`, "idempotency-key": id };
      return postDelivery(deps.fetch, { url: settings.url, headers, body });
    },
    close: () => undefined,
  });
}
