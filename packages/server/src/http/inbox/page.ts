import { createHash } from "node:crypto";
import type { InboxMessage } from "@fanfare-io/fanfare-contract";

// The page looks for news by reading itself, and changes only when there are some.
const script = `
const newest = (page) => page.querySelector("main").dataset.newest;
setInterval(async () => {
  if (document.hidden) return;
  const answer = await fetch(location.href).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (newest(page) === newest(document)) return;
  document.querySelector("main").replaceWith(page.querySelector("main"));
  document.querySelector("[role=status]").textContent = document.querySelector("main").dataset.news;
}, 1500);`;

const style = `
:root{color-scheme:light dark;--paper:light-dark(#fcfbf8,#16181c);--ink:light-dark(#1d1c1a,#eceae5);--quiet:light-dark(#5d5a54,#a7a49c);--rule:light-dark(#e3dfd6,#2c3038);--first:light-dark(#1f5fa8,#7db4f2)}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;font-variant-numeric:tabular-nums}
header,main{max-width:46rem;margin:0 auto;padding-inline:clamp(1rem,5vw,2.5rem)}
header{padding-top:clamp(2rem,7vw,4.5rem)}
h1{margin:0 0 .4rem;font-size:clamp(1.8rem,5vw,2.6rem);line-height:1.1;letter-spacing:-.025em;font-weight:650}
.quiet{color:var(--quiet);margin:0}
ol{list-style:none;margin:clamp(1.6rem,5vw,2.6rem) 0 4rem;padding:0;border-top:1px solid var(--rule)}
li{padding:1.5rem 0;border-bottom:1px solid var(--rule);display:grid;grid-template-columns:1fr auto;gap:.2rem 1.5rem}
h2{margin:0;font-size:1rem;font-weight:620;overflow-wrap:anywhere}
time{color:var(--quiet);font-size:.92rem}
.subject{grid-column:1/-1;margin:0;color:var(--quiet)}
.code{grid-column:1/-1;margin:.35rem 0 .2rem;font-size:clamp(2rem,8vw,2.75rem);line-height:1.15;letter-spacing:.12em;font-weight:600;user-select:all;overflow-wrap:anywhere}
details{grid-column:1/-1;min-width:0}
summary{cursor:pointer;color:var(--quiet);padding:.65rem 0;width:fit-content}
summary:focus-visible{outline:2px solid var(--first);outline-offset:3px}
pre{margin:0 0 1rem;white-space:pre-wrap;overflow-wrap:anywhere;font:inherit;padding:1rem 1.2rem;border-inline-start:2px solid var(--rule)}
iframe{display:block;width:100%;height:27rem;border:1px solid var(--rule);border-radius:.5rem;color-scheme:light dark;background:Canvas}
.empty{border:0;padding-top:2rem;display:block}
@media(max-width:30rem){li{grid-template-columns:1fr}}
[role=status]{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}`;

const hashOf = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** What the page may do: run its own script, read itself, show the mails that it lists. */
export const pagePolicy = [
  "default-src 'none'",
  `script-src ${hashOf(script)}`,
  `style-src ${hashOf(style)}`,
  "connect-src 'self'",
  "frame-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escape = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => escapes[character] ?? "");

function item(message: InboxMessage): string {
  const { id, channel, to, from, subject, text, html, code, receivedAt } = message;
  const mail =
    html === null ? "" : `<iframe sandbox="" loading="lazy" src="/inbox/${encodeURIComponent(id)}" title="The mail to ${escape(to)} as a page"></iframe>`;
  return `<li>
<h2>${escape(to)}</h2><time datetime="${receivedAt}">${receivedAt.slice(11, 19)} UTC</time>
<p class="subject">${channel === "phone" ? "Text message" : `E-mail “${escape(subject)}”`} from ${escape(from)}</p>
<p class="code">${escape(code)}</p>
<details><summary>The whole message</summary><pre>${escape(text.trim())}</pre>${mail}</details>
</li>`;
}

/** The inbox as a page that needs nothing from elsewhere, in the reader's own light or dark. */
export function inboxPage(messages: readonly InboxMessage[]): string {
  const [newest] = messages;
  const news = newest === undefined ? "" : `A code for ${newest.to} has come.`;
  const list =
    messages.length === 0
      ? `<ol><li class="empty"><p class="quiet">Nothing yet. Ask for a code in a shop of this service, and it appears here by itself.</p></li></ol>`
      : `<ol>${messages.map(item).join("\n")}</ol>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Inbox of this development service</title>
<style>${style}</style>
</head>
<body>
<header><h1>Inbox</h1><p class="quiet">What would have been sent. This service runs in development and sends nothing to anybody.</p></header>
<p role="status"></p>
<main data-newest="${escape(newest?.id ?? "")}" data-news="${escape(news)}">${list}</main>
<script>${script}</script>
</body>
</html>
`;
}
