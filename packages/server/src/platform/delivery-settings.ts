import { z } from "zod";

/** How mail leaves the house. */
export interface MailSettings {
  readonly host: string;
  readonly port: number;
  readonly user: string | null;
  readonly password: string | null;
  /** `implicit`: TLS from the first byte; `starttls`: demanded; `opportunistic`: where the server offers it; `none`: never. */
  readonly tls: "implicit" | "starttls" | "opportunistic" | "none";
  /** The address that it comes from; the name beside it is the organization's. */
  readonly from: string;
}

/** A provider with Twilio's API. */
export interface TwilioSettings {
  readonly kind: "twilio";
  /** Without a path. */
  readonly url: string;
  readonly accountSid: string;
  readonly authToken: string;
  /** A number, a name, or a messaging service (`MG…`). */
  readonly from: string;
}

/** An endpoint of the operator's own. */
export interface WebhookSettings {
  readonly kind: "webhook";
  readonly url: string;
  readonly secret: string;
}

/** Null: there is no such way; in development the inbox takes its place. */
export interface DeliverySettings {
  readonly mail: MailSettings | null;
  readonly phone: TwilioSettings | WebhookSettings | null;
}

const httpUrl = z.url({ protocol: /^https?$/, error: "must be an http(s) address" });

/** The variables of delivery, for the schema of the environment. */
export const deliveryVariables = {
  SMTP_URL: z
    .string()
    .regex(/^smtps?:\/\/[^\s]+$/, "must be smtp://user:password@host:587, or smtps:// for TLS from the start; percent-encode what is special in the password")
    .refine((text) => URL.canParse(text), "must be smtp://user:password@host:587; percent-encode what is special in the password")
    .refine(
      (text) => !URL.canParse(text) || ["required", "optional", "off", null].includes(new URL(text).searchParams.get("starttls")),
      "has an unknown starttls; it is required, optional or off",
    )
    .optional(),
  MAIL_FROM: z.email("must be the bare address that mail comes from, such as codes@shop.example").optional(),
  SMS_WEBHOOK_URL: httpUrl.optional(),
  SMS_WEBHOOK_SECRET: z.string().min(16, "must be at least 16 characters, shared with the endpoint").optional(),
  TWILIO_ACCOUNT_SID: z.string().optional(),
  TWILIO_AUTH_TOKEN: z.string().optional(),
  TWILIO_FROM: z.string().optional(),
  TWILIO_API_URL: httpUrl.default("https://api.twilio.com"),
};

const variables = z.object(deliveryVariables);

/** Puts them together. Calls `refuse` with what is missing or too much, in one line that names the variable and the fix. */
export function readDelivery(values: z.output<typeof variables>, production: boolean, refuse: (message: string) => never): DeliverySettings {
  return { mail: readMail(values, production, refuse), phone: readPhone(values, production, refuse) };
}

function readMail(values: z.output<typeof variables>, production: boolean, refuse: (message: string) => never): MailSettings | null {
  if (values.SMTP_URL === undefined) return values.MAIL_FROM === undefined ? null : refuse("MAIL_FROM is set without SMTP_URL; set both, or neither.");
  if (values.MAIL_FROM === undefined) return refuse("SMTP_URL needs MAIL_FROM: the address that mail comes from, such as codes@shop.example.");
  const url = new URL(values.SMTP_URL);
  const implicit = url.protocol === "smtps:";
  const asked = url.searchParams.get("starttls") ?? (production ? "required" : "optional");
  return {
    host: url.hostname.replaceAll(/^\[|\]$/g, ""),
    port: url.port === "" ? (implicit ? 465 : 587) : Number(url.port),
    user: url.username === "" ? null : decodeURIComponent(url.username),
    password: url.password === "" ? null : decodeURIComponent(url.password),
    tls: implicit ? "implicit" : asked === "required" ? "starttls" : asked === "optional" ? "opportunistic" : "none",
    from: values.MAIL_FROM,
  };
}

function readPhone(values: z.output<typeof variables>, production: boolean, refuse: (message: string) => never): TwilioSettings | WebhookSettings | null {
  const { TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken, TWILIO_FROM: from, SMS_WEBHOOK_URL: url, SMS_WEBHOOK_SECRET: secret } = values;
  const twilio = [accountSid, authToken, from];
  const named = twilio.filter((value) => value !== undefined).length;
  if (url !== undefined && named > 0) return refuse("SMS_WEBHOOK_URL and TWILIO_ACCOUNT_SID are both set; text messages go one way, so unset one of them.");
  if (url === undefined && secret !== undefined) return refuse("SMS_WEBHOOK_SECRET is set without SMS_WEBHOOK_URL; set both, or neither.");
  if (url !== undefined) {
    if (secret === undefined) return refuse("SMS_WEBHOOK_URL needs SMS_WEBHOOK_SECRET, by which the endpoint knows that a message is ours.");
    if (production && !url.startsWith("https:")) return refuse("SMS_WEBHOOK_URL must be https:// in production; it is told codes.");
    return { kind: "webhook", url, secret };
  }
  if (named === 0) return null;
  if (accountSid === undefined || authToken === undefined || from === undefined)
    return refuse("TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM belong together; set all three.");
  if (production && !values.TWILIO_API_URL.startsWith("https:")) return refuse("TWILIO_API_URL must be https:// in production; it is told codes.");
  return { kind: "twilio", url: new URL(values.TWILIO_API_URL).origin, accountSid, authToken, from };
}
