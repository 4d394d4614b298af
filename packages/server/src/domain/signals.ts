import type { SessionSignals } from "@fanfare-io/fanfare-contract";

/** What is kept of signals: a text to be hashed, and whether a program said that it drives the browser. */
export interface TakenSignals {
  /** The same for devices that look alike, whatever order their fields came in. Never stored as it is. */
  readonly likeness: string;
  readonly isDriven: boolean;
}

/** Whether a program drives the browser says nothing about the device, and would let each farm choose between two likenesses. */
export function takeSignals({ webdriver, ...device }: SessionSignals): TakenSignals {
  const fields = Object.entries(device).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { likeness: JSON.stringify(fields), isDriven: webdriver === true };
}

/** How long signals outlive their session, in milliseconds, however long the organization keeps the rest. */
export const signalsKeptMs = 30 * 24 * 3600 * 1000;
