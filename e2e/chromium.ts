import { chromium } from "playwright-core";
import type { Browser } from "playwright-core";

/** The machine's Chromium: the one that the runner found, else where Debian puts it. */
export const chromiumPath = (): string => process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";

/** Talks to this machine and to nobody else. */
export const quietChromium: string[] = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A real browser that talks to this machine and to nobody else. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath(), args: quietChromium });
}
