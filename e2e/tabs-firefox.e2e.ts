import { describe, test } from "vitest";
import { openFirefox } from "./tabs/browsers.ts";
import { cases } from "./tabs/cases.ts";
import { testInBrowser } from "./tabs/in-browser.ts";

const path = process.env["FIREFOX_PATH"];

// One or the other: where Firefox is, nothing is reported as skipped.
if (path === undefined) test("Firefox is not on this machine and could not be installed: its cases are skipped", (context) => context.skip());
else {
  const core = cases.filter(({ isCore }) => isCore === true);
  describe("in Firefox", () => {
    testInBrowser(() => openFirefox(path), core);
  });
}
