import { expect, test } from "vitest";
import { readSignals } from "./signals.ts";

const iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1";
const { timeZone } = Intl.DateTimeFormat().resolvedOptions();

test("signals are the documented classes and nothing finer", () => {
  const navigator = { language: "de-DE", hardwareConcurrency: 6, maxTouchPoints: 5, userAgent: iphone, webdriver: false };
  const dark = (query: string) => ({ matches: query === "(prefers-color-scheme:dark)" });
  expect(readSignals({ navigator, screen: { width: 844, height: 390 }, matchMedia: dark })).toEqual({
    timeZone,
    language: "de-DE",
    screen: "small",
    colorScheme: "dark",
    cores: "some",
    touch: true,
    platform: "ios",
    webdriver: false,
  });
});

test.each([
  ["Mozilla/5.0 (Linux; Android 16; Pixel 10)", "android"],
  ["Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)", "macos"],
  ["Mozilla/5.0 (Windows NT 10.0; Win64; x64)", "windows"],
  ["Mozilla/5.0 (X11; Linux x86_64)", "linux"],
  ["Mozilla/5.0 (PlayStation 5)", "other"],
])("%s is %s", (userAgent, platform) => {
  expect(readSignals({ navigator: { userAgent } })).toEqual({ timeZone, platform });
});

test("what a browser hides is left out", () => {
  expect(readSignals({ navigator: { language: "", hardwareConcurrency: 0, maxTouchPoints: 0 }, screen: { width: 0, height: 0 } })).toEqual({
    timeZone,
    touch: false,
    platform: "other",
  });
});
