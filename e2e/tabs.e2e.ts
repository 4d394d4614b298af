import { openChromium } from "./tabs/browsers.ts";
import { cases } from "./tabs/cases.ts";
import { testInBrowser } from "./tabs/in-browser.ts";

testInBrowser(openChromium, cases);
