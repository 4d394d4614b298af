import type { Transporter } from "nodemailer";
import type { MailSettings } from "../platform/delivery-settings.ts";
import { attemptMs, DeliveryFailed, DeliveryRefused } from "./message.ts";
import type { Outgoing, Sender } from "./message.ts";

/** Messages under way at once over one node's connections. */
export const smtpConnections = 8;

/** Mail by SMTP, over connections that stay open for the next message. */
export function createSmtpSender(settings: MailSettings): Sender {
  let opening: Promise<Transporter> | undefined;

  async function send({ id, to, senderName, subject, text, html }: Outgoing): Promise<void> {
    const transport = await (opening ??= openTransport(settings));
    const domain = settings.from.slice(settings.from.lastIndexOf("@") + 1);
    try {
      const sending = transport.sendMail({
        from: { name: senderName, address: settings.from },
        to: { name: "", address: to },
        subject,
        text,
        ...(html === null ? {} : { html }),
        // The same at every attempt: mail programs that know it already show it once.
        messageId: `<${id}@${domain}>`,
        headers: { "Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All" },
      });
      await Promise.race([sending, timeOut()]);
    } catch (error) {
      throw explain(error);
    }
  }

  return Object.freeze<Sender>({ send, close: () => void opening?.then((transport) => transport.close()) });
}

/** A service that sends no mail does not load what sends it. */
async function openTransport(settings: MailSettings): Promise<Transporter> {
  const { createTransport } = await import("nodemailer");
  return createTransport({
    host: settings.host,
    port: settings.port,
    secure: settings.tls === "implicit",
    requireTLS: settings.tls === "starttls",
    ignoreTLS: settings.tls === "none",
    ...(settings.user === null ? {} : { auth: { user: settings.user, pass: settings.password ?? "" } }),
    pool: true,
    maxConnections: smtpConnections,
    maxMessages: 500,
    // Retrying is the outbox's: it survives this process.
    maxRequeues: 0,
    connectionTimeout: 5_000,
    greetingTimeout: 5_000,
    socketTimeout: 15_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

/** A server that answers each command just in time would hold a message for minutes. */
function timeOut(): Promise<never> {
  return new Promise((_, reject) => {
    const signal = AbortSignal.timeout(attemptMs);
    signal.addEventListener("abort", () => reject(new DeliveryFailed("timeout")), { once: true });
  });
}

/** Libraries and servers quote the address in their messages, so that only codes are kept. A refusal of sender, recipient or text is for good; of anything else, of now. */
function explain(error: unknown): DeliveryRefused | DeliveryFailed {
  if (error instanceof DeliveryFailed) return error;
  const { code, responseCode } = error as { readonly code?: unknown; readonly responseCode?: unknown };
  const status = typeof responseCode === "number" ? responseCode : 0;
  if (status >= 500 && (code === "EENVELOPE" || code === "EMESSAGE")) return new DeliveryRefused(`smtp_${status}`);
  return new DeliveryFailed(status === 0 ? (typeof code === "string" ? code : "smtp") : `smtp_${status}`);
}
