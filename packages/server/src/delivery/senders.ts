import type { DeliverySettings } from "../platform/delivery-settings.ts";
import type { Inbox } from "./inbox.ts";
import type { Sender } from "./message.ts";
import { createSmsWebhookSender } from "./sms-webhook.ts";
import { createSmtpSender } from "./smtp.ts";
import { createTwilioSender } from "./twilio.ts";

/** The ways out; null where there is none. */
export interface Senders {
  readonly email: Sender | null;
  readonly phone: Sender | null;
}

/** Makes the ways that are set up. `inbox`: what takes the place of the others; null in production. */
export function createSenders(
  settings: DeliverySettings,
  deps: { readonly inbox: Inbox | null; readonly fetch: typeof globalThis.fetch; readonly now: () => number },
): Senders {
  const { inbox, fetch } = deps;
  const { mail, phone } = settings;
  return {
    email: mail === null ? (inbox?.senderFor("email") ?? null) : createSmtpSender(mail),
    phone:
      phone === null ? (inbox?.senderFor("phone") ?? null) : phone.kind === "twilio" ? createTwilioSender(phone, fetch) : createSmsWebhookSender(phone, deps),
  };
}
