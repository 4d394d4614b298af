import { describe, expect, test } from "vitest";
import { composeCode } from "./compose.ts";
import type { CodeMessage } from "./message.ts";
import { chooseLanguage, words } from "./words.ts";

const message: CodeMessage = { to: "ann@example.com", code: "012345", organizationName: "Kiln & <Row>", language: "en", host: null };
const languages = Object.keys(words) as (keyof typeof words)[];

describe("a message with a code", () => {
  test.each(languages)("says in %s the same as in the other languages, with every blank filled", (language) => {
    for (const channel of ["email", "phone"] as const) {
      const { subject, text, html } = composeCode(channel, { ...message, language }, 600_000);
      expect(subject).toContain("Kiln & <Row>");
      // What lies on a locked screen must not be enough.
      expect(subject).not.toContain("012345");
      expect(text).toContain("012345");
      expect(text).toContain("10");
      expect(subject + text + (html ?? "")).not.toMatch(/[{}]/);
    }
  });

  test("is a page that names its language, escapes what others wrote, and asks nothing of anybody by being opened", () => {
    const { html } = composeCode("email", message, 600_000);
    expect(html).toContain('<html lang="en">');
    expect(html).toContain("Kiln &amp; &lt;Row&gt;");
    expect(html).not.toMatch(/<(?:img|script|link|a|iframe|form)\b|https?:|url\(/);
  });

  test("offers itself to the page that asked, where that is known, in the last line of a text message", () => {
    expect(
      composeCode("phone", { ...message, host: "shop.example" }, 600_000)
        .text.split("\n")
        .at(-1),
    ).toBe("@shop.example #012345");
    expect(composeCode("phone", message, 600_000).text).not.toContain("@");
  });

  test("fits a name into one line, whatever it holds", () => {
    expect(composeCode("email", { ...message, organizationName: "Kiln\r\n\tRow" }, 600_000).subject).toBe("Your code for Kiln Row");
  });
});

test.each([
  [undefined, "en"],
  ["", "en"],
  ["fr-CA", "fr"],
  ["pt-BR, es;q=0.4, de;q=0.7", "de"],
  ["de;q=0, es", "es"],
  ["constructor, __proto__", "en"],
  ["xx;q=1".repeat(1_000), "en"],
])("a browser that says %j is written to in %s", (header, language) => {
  expect(chooseLanguage(header)).toBe(language);
});
