import type { ChallengeEffort, ChallengeReason, EntryCheckState, ProtectionLevel } from "@fanfare-io/fanfare-contract";

/** How many entered an experience from one place so far, whoever asks included. */
export interface Crowd {
  readonly address: number;
  /** Its /24 or /48. */
  readonly network: number;
  /** The same coarse signals from the same network; null where there are no signals. */
  readonly signals: number | null;
}

/**
 * As many people as a place holds without anybody being asked for more: a household behind an address, a street behind a network, a
 * household once more where devices look alike. Beyond it each of them does a little work, those who came first included.
 */
export const crowdLimits: Crowd & { readonly signals: number } = { address: 8, network: 200, signals: 8 };

/** What is known of somebody with a bound session who wants to enter a protected launch: nothing but what every request carries, how many came from where, and what they agreed to say. */
export interface EntryFacts {
  readonly level: Exclude<ProtectionLevel, "standard">;
  /** Whether more entered from this address within the minute than a household does. */
  readonly isAddressBusy: boolean;
  /** The same of its /24 or /48. */
  readonly isNetworkBusy: boolean;
  readonly crowd: Crowd;
  /** Whether the browser said that a program drives it, where the shopper agreed to signals. */
  readonly isDriven: boolean;
  readonly userAgent: string | undefined;
  readonly acceptLanguage: string | undefined;
  /** What became of an earlier try, and what it was asked for. */
  readonly earlier: { readonly state: EntryCheckState; readonly reasons: readonly ChallengeReason[] };
}

/** Whether somebody may enter as they are, and if not, what for. It never says no for good. */
export type EntryDecision = { readonly kind: "allow" } | { readonly kind: "work"; readonly reasons: readonly ChallengeReason[] };

const headless = /headless|phantomjs/i;

/** Reasons are classes that a person can be told; they ask for work, and for nothing else. */
export function decideEntry(facts: EntryFacts): EntryDecision {
  const { state } = facts.earlier;
  // Who has worked for this place, or was let off, is not asked for it again.
  if (state === "worked" || state === "passed" || state === "released") return { kind: "allow" };
  const reasons = new Set<ChallengeReason>();
  if (facts.level === "maximum") reasons.add("protection_maximum");
  if (facts.isAddressBusy) reasons.add("address_busy");
  if (facts.isNetworkBusy) reasons.add("network_busy");
  for (const reason of crowdReasons(facts.crowd)) reasons.add(reason);
  if (facts.isDriven || facts.userAgent === undefined || facts.acceptLanguage === undefined || headless.test(facts.userAgent)) reasons.add("headless");
  // A question that was left open stays open: leaving the line and coming back is no answer.
  if (state === "asked" || state === "missed") for (const reason of facts.earlier.reasons) reasons.add(reason);
  return reasons.size === 0 ? { kind: "allow" } : { kind: "work", reasons: [...reasons] };
}

/** Why the number of those who came from one place asks for work. */
export function crowdReasons({ address, network, signals }: Crowd): readonly ChallengeReason[] {
  const reasons: ChallengeReason[] = [];
  if (address > crowdLimits.address) reasons.push("address_shared");
  if (network > crowdLimits.network) reasons.push("network_shared");
  if (signals !== null && signals > crowdLimits.signals) reasons.push("signals_shared");
  return reasons;
}

const crowding: readonly ChallengeReason[] = ["address_busy", "network_busy", "address_shared", "network_shared", "signals_shared"];

/**
 * How much work reasons ask for. Two thousand honest people behind one address have every reason of a crowd, all at once, so that these
 * are one class and never add up; nor do signals cost whoever agreed to give them. A browser that says that a program drives it is
 * another thing, and one that comes with a crowd is a farm more likely than not.
 */
export function effortOf(reasons: readonly ChallengeReason[]): ChallengeEffort {
  if (!reasons.includes("headless")) return "normal";
  return reasons.some((reason) => crowding.includes(reason)) ? "high" : "raised";
}

/** How long a place is held for an answer, from the moment that the question was shown. Milliseconds. */
export const answerMs = 600_000;
