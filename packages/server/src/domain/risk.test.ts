import { expect, test } from "vitest";
import { decideEntry } from "./risk.ts";
import type { EntryFacts } from "./risk.ts";

const honest: EntryFacts = { level: "enhanced", isBound: true, isAddressBusy: false, isNetworkBusy: false, userAgent: "Mozilla/5.0", acceptLanguage: "de" };

test.each<[string, Partial<EntryFacts>, unknown]>([
  ["asks nothing at standard, whoever it is", { level: "standard", isBound: false, isAddressBusy: true, userAgent: undefined }, { kind: "allow" }],
  ["lets an honest browser in at enhanced", {}, { kind: "allow" }],
  ["wants a key at enhanced", { isBound: false }, { kind: "bind" }],
  ["wants a key at maximum, before any work", { level: "maximum", isBound: false, isAddressBusy: true }, { kind: "bind" }],
  [
    "says each reason that it has",
    { isAddressBusy: true, isNetworkBusy: true, userAgent: "HeadlessChrome/140" },
    { kind: "work", reasons: ["address_busy", "network_busy", "headless"] },
  ],
  ["takes a browser without a language for one that nobody looks at", { acceptLanguage: undefined }, { kind: "work", reasons: ["headless"] }],
  ["asks everybody at maximum", { level: "maximum" }, { kind: "work", reasons: ["protection_maximum"] }],
])("the score %s", (_title, facts, expected) => {
  expect(decideEntry({ ...honest, ...facts })).toEqual(expected);
});
