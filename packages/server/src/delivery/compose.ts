import type { CodeMessage, ComposedMessage } from "./message.ts";
import { words } from "./words.ts";

/** Puts a message with a code into words. No remote image, no link: there is nothing in it to click, and it says nothing to anybody by being opened. */
export function composeCode(channel: "email" | "phone", message: CodeMessage, lifeMs: number): ComposedMessage {
  const table = words[message.language];
  const values: Readonly<Record<string, string>> = {
    name: oneLine(message.organizationName),
    minutes: String(Math.round(lifeMs / 60_000)),
    code: message.code,
  };
  const say = (sentence: string): string => sentence.replaceAll(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
  const subject = say(table.subject);
  if (channel === "phone") {
    // The last line lets phones offer the code to the page of this host, and to no other ("origin-bound one-time codes").
    const bound = message.host === null ? "" : `\n\n@${message.host} #${message.code}`;
    return { subject, text: say(table.sms) + bound, html: null };
  }
  const [lead, life, warning, ignore] = [say(table.lead), say(table.life), say(table.warning), say(table.ignore)];
  const text = `${lead}\n\n${message.code}\n\n${life}\n${warning}\n\n${ignore}\n`;
  return { subject, text, html: page({ language: message.language, name: values["name"] ?? "", subject, lead, code: message.code, life, warning, ignore }) };
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, " ").trim();

const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escape = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => escapes[character] ?? "");

interface Page {
  readonly language: string;
  readonly name: string;
  readonly subject: string;
  readonly lead: string;
  readonly code: string;
  readonly life: string;
  readonly warning: string;
  readonly ignore: string;
}

// Styles are inline and few: mail programs drop style sheets. Colours are left to the reader's own light or dark: no grey is readable on
// every background that mail programs put behind it.
function page({ language, name, subject, lead, code, life, warning, ignore }: Page): string {
  const small = "margin:0 0 12px;font-size:15px;line-height:1.5";
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${escape(subject)}</title>
</head>
<body style="margin:0;padding:32px 20px;font-family:system-ui,-apple-system,'Segoe UI',Roboto,Arial,sans-serif">
<div style="max-width:480px;margin:0 auto">
<p style="margin:0 0 28px;font-size:15px;font-weight:600">${escape(name)}</p>
<h1 style="margin:0 0 12px;font-size:18px;line-height:1.4;font-weight:400">${escape(lead)}</h1>
<p style="margin:0 0 12px;font-size:36px;line-height:1.2;font-weight:600;letter-spacing:4px;font-variant-numeric:tabular-nums">${escape(code)}</p>
<p style="margin:0 0 28px;font-size:15px;line-height:1.5">${escape(life)}</p>
<p style="${small}">${escape(warning)}</p>
<p style="${small}">${escape(ignore)}</p>
</div>
</body>
</html>
`;
}
