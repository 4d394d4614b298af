import { describe, expect, test } from "vitest";
import { ConfigError, readConfig } from "./config.ts";

const from = { MAIL_FROM: "codes@shop.example" };
const production = { NODE_ENV: "production" };
const mailOf = (variables: Record<string, string>) => readConfig({ ...from, ...variables }).delivery.mail;

describe("SMTP_URL", () => {
  test("names host, port, user and password, percent-decoded", () => {
    expect(mailOf({ SMTP_URL: "smtp://codes%40shop:p%3Ass%2Fword@mail.example.com:2525" })).toEqual({
      ...{ host: "mail.example.com", port: 2525, user: "codes@shop", password: "p:ss/word" },
      ...{ tls: "opportunistic", from: "codes@shop.example" },
    });
    expect(mailOf({ SMTP_URL: "smtps://[::1]" })).toMatchObject({ host: "::1", port: 465, user: null, tls: "implicit" });
  });

  test("demands encryption in production, unless it says otherwise", () => {
    expect(mailOf({ SMTP_URL: "smtp://mail.example.com", ...production })).toMatchObject({ tls: "starttls", port: 587 });
    expect(mailOf({ SMTP_URL: "smtp://127.0.0.1:25?starttls=off", ...production })).toMatchObject({ tls: "none" });
    expect(mailOf({ SMTP_URL: "smtp://127.0.0.1:25?starttls=optional", ...production })).toMatchObject({ tls: "opportunistic" });
    expect(mailOf({ SMTP_URL: "smtp://127.0.0.1:25?starttls=required" })).toMatchObject({ tls: "starttls" });
  });
});

describe("text messages", () => {
  test("go over an endpoint of the operator's, or a provider", () => {
    expect(readConfig({}).delivery).toEqual({ mail: null, phone: null });
    const webhook = { SMS_WEBHOOK_URL: "https://sms.internal/send", SMS_WEBHOOK_SECRET: "0123456789abcdef" };
    expect(readConfig(webhook).delivery.phone).toEqual({ kind: "webhook", url: "https://sms.internal/send", secret: "0123456789abcdef" });
    const twilio = { TWILIO_ACCOUNT_SID: "AC1", TWILIO_AUTH_TOKEN: "t", TWILIO_FROM: "+15550001111" };
    expect(readConfig(twilio).delivery.phone).toMatchObject({ kind: "twilio", url: "https://api.twilio.com", accountSid: "AC1" });
  });
});

test.each([
  [{ SMTP_URL: "mail.example.com" }, /^SMTP_URL must be smtp:/],
  [{ SMTP_URL: "smtp://mail.example.com?starttls=maybe", ...from }, /^SMTP_URL has an unknown starttls/],
  [{ SMTP_URL: "smtp://us er@mail" }, /^SMTP_URL must be smtp:/],
  [{ SMTP_URL: "smtp://mail.example.com" }, /^SMTP_URL needs MAIL_FROM/],
  [{ MAIL_FROM: "codes@shop.example" }, /^MAIL_FROM is set without SMTP_URL/],
  [{ SMTP_URL: "smtp://mail.example.com", MAIL_FROM: "Shop <codes@shop.example>" }, /^MAIL_FROM must be the bare address/],
  [{ SMS_WEBHOOK_URL: "sms.internal" }, /^SMS_WEBHOOK_URL must be an http/],
  [{ SMS_WEBHOOK_URL: "https://sms.internal" }, /^SMS_WEBHOOK_URL needs SMS_WEBHOOK_SECRET/],
  [{ SMS_WEBHOOK_URL: "https://sms.internal", SMS_WEBHOOK_SECRET: "short" }, /^SMS_WEBHOOK_SECRET must be at least 16/],
  [{ SMS_WEBHOOK_SECRET: "0123456789abcdef" }, /^SMS_WEBHOOK_SECRET is set without/],
  [{ SMS_WEBHOOK_URL: "http://sms.internal", SMS_WEBHOOK_SECRET: "0123456789abcdef", ...production }, /^SMS_WEBHOOK_URL must be https/],
  [{ TWILIO_ACCOUNT_SID: "AC1" }, /^TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM belong together/],
  [{ SMS_WEBHOOK_URL: "https://a", SMS_WEBHOOK_SECRET: "0123456789abcdef", TWILIO_FROM: "x" }, /are both set/],
  [{ TWILIO_ACCOUNT_SID: "AC1", TWILIO_AUTH_TOKEN: "t", TWILIO_FROM: "x", TWILIO_API_URL: "http://api", ...production }, /^TWILIO_API_URL must be https/],
])("%j is refused in one line that names the variable and the fix", (variables, message) => {
  expect(() => readConfig(variables)).toThrow(message);
  expect(() => readConfig(variables)).toThrow(ConfigError);
});
