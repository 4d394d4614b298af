import type { TwilioSettings } from "../platform/delivery-settings.ts";
import { postDelivery } from "./http-delivery.ts";
import type { Sender } from "./message.ts";

/** Text messages over Twilio's API, or one that looks like it. */
export function createTwilioSender(settings: TwilioSettings, fetch: typeof globalThis.fetch): Sender {
  const url = `${settings.url}/2010-04-01/Accounts/${encodeURIComponent(settings.accountSid)}/Messages.json`;
  const authorization = `Basic ${Buffer.from(`${settings.accountSid}:${settings.authToken}`).toString("base64")}`;
  const from = settings.from.startsWith("MG") ? { MessagingServiceSid: settings.from } : { From: settings.from };
  return Object.freeze<Sender>({
    send: ({ to, text }) =>
      postDelivery(fetch, {
        url,
        headers: { authorization, "content-type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams({ To: to, ...from, Body: text }).toString(),
      }),
    close: () => undefined,
  });
}
