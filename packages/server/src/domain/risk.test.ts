import { expect, test } from "vitest";
import { crowdLimits, crowdReasons, decideEntry, effortOf } from "./risk.ts";
import type { EntryFacts } from "./risk.ts";

const alone = { address: 1, network: 1, signals: null };
const clear = { state: "clear", reasons: [] } as const;
const honest: EntryFacts = {
  level: "enhanced",
  isAddressBusy: false,
  isNetworkBusy: false,
  crowd: alone,
  isDriven: false,
  earlier: clear,
  userAgent: "Mozilla/5.0",
  acceptLanguage: "de",
};

test.each<[string, Partial<EntryFacts>, unknown]>([
  ["lets an honest browser in at enhanced", {}, { kind: "allow" }],
  ["lets a household in, to the last of them", { crowd: { address: 8, network: 200, signals: 8 } }, { kind: "allow" }],
  [
    "says each reason that it has",
    { isAddressBusy: true, isNetworkBusy: true, userAgent: "HeadlessChrome/140" },
    { kind: "work", reasons: ["address_busy", "network_busy", "headless"] },
  ],
  [
    "says where the crowd is that somebody came with",
    { crowd: { address: 9, network: 201, signals: 9 } },
    { kind: "work", reasons: ["address_shared", "network_shared", "signals_shared"] },
  ],
  ["takes a browser without a language for one that nobody looks at", { acceptLanguage: undefined }, { kind: "work", reasons: ["headless"] }],
  ["believes a browser that says that a program drives it", { isDriven: true }, { kind: "work", reasons: ["headless"] }],
  ["asks everybody at maximum", { level: "maximum" }, { kind: "work", reasons: ["protection_maximum"] }],
  ["does not ask for the same place twice", { level: "maximum", isAddressBusy: true, earlier: { state: "worked", reasons: [] } }, { kind: "allow" }],
  ["keeps to what an operator said", { level: "maximum", earlier: { state: "released", reasons: [] } }, { kind: "allow" }],
  ["takes leaving and coming back for no answer", { earlier: { state: "asked", reasons: ["address_shared"] } }, { kind: "work", reasons: ["address_shared"] }],
])("the score %s", (_title, facts, expected) => {
  expect(decideEntry({ ...honest, ...facts })).toEqual(expected);
});

test("nobody is suspect for being one of as many as the limits allow, and without signals none are compared", () => {
  expect(crowdReasons(crowdLimits)).toEqual([]);
  expect(crowdReasons({ ...crowdLimits, signals: null })).toEqual([]);
});

test.each([
  [["address_busy", "network_busy", "address_shared", "network_shared", "signals_shared"], "normal"],
  [["protection_maximum"], "normal"],
  [["protection_maximum", "address_shared"], "normal"],
  [["text_message", "code_requests"], "normal"],
  [["headless"], "raised"],
  [["protection_maximum", "headless"], "raised"],
  [["headless", "address_busy"], "high"],
  [["signals_shared", "headless"], "high"],
] as const)("%j ask for work that is %s", (reasons, effort) => {
  expect(effortOf(reasons)).toBe(effort);
});
