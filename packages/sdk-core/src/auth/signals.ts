import type { SessionSignals } from "@fanfare-io/fanfare-contract";

/** What of a browser signals are read from; any of it may be missing. */
export interface SignalGlobals {
  readonly navigator?: Partial<Pick<Navigator, "language" | "hardwareConcurrency" | "maxTouchPoints" | "userAgent" | "webdriver">>;
  readonly screen?: Pick<Screen, "width" | "height">;
  readonly matchMedia?: (query: string) => Pick<MediaQueryList, "matches">;
}

// In this order: an Android says Linux as well, an iPhone says Mac.
const platforms = { android: "android", iphone: "ios", ipad: "ios", windows: "windows", mac: "macos", linux: "linux" } as const;

/**
 * Reads the classes that the contract lists, for somebody who agreed to it (`privacy.sessionSignals`): nothing is drawn, played or listed for it, and what
 * the browser does not say is left out.
 */
export function readSignals({ navigator = {}, screen, matchMedia }: SignalGlobals = globalThis): SessionSignals {
  const { language, hardwareConcurrency: cores, maxTouchPoints, webdriver } = navigator;
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const side = screen && Math.min(screen.width, screen.height);
  const agent = (navigator.userAgent ?? "").toLowerCase();
  const name = Object.keys(platforms).find((part) => agent.includes(part)) as keyof typeof platforms | undefined;
  const read = {
    timeZone,
    language,
    screen: side && (side < 600 ? "small" : side < 1_000 ? "medium" : "large"),
    colorScheme: matchMedia && (matchMedia("(prefers-color-scheme:dark)").matches ? "dark" : "light"),
    cores: cores && (cores <= 4 ? "few" : cores <= 8 ? "some" : "many"),
    touch: maxTouchPoints === undefined ? undefined : maxTouchPoints > 0,
    platform: name ? platforms[name] : "other",
    webdriver,
  };
  // A browser that hides something says "", 0 or nothing, which is no class.
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value || value === false)) as SessionSignals;
}
