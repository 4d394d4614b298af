import { describe, test } from "vitest";
import { openFirefox } from "./tabs/browsers.ts";
import { cases } from "./tabs/cases.ts";
import { testInBrowser } from "./tabs/in-browser.ts";

const path = process.env["FIREFOX_PATH"];
const core = cases.filter(({ isCore }) => isCore === true);

describe.skipIf(path === undefined)("in Firefox", () => {
  testInBrowser(() => openFirefox(path ?? ""), core);
});

test.runIf(path === undefined)("Firefox is not on this machine and could not be installed: its cases are skipped", (context) => context.skip());
