import { describe } from "vitest";
import { asleepInChromium, asleepInFirefox } from "./tabs/asleep.ts";
import { testInBrowser } from "./tabs/in-browser.ts";
import { openSleepyChromium, openSleepyFirefox } from "./tabs/sleeping-browsers.ts";

describe("in Chromium", () => {
  testInBrowser(openSleepyChromium, asleepInChromium);
});

// That Firefox is not on this machine is said where the rest of its cases are.
const firefox = process.env["FIREFOX_PATH"];
if (firefox !== undefined) {
  describe("in Firefox", () => {
    testInBrowser(() => openSleepyFirefox(firefox), asleepInFirefox);
  });
}
