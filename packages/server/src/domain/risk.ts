import type { ChallengeReason, ProtectionLevel } from "@fanfare-io/fanfare-contract";

/** What is known of somebody who wants to enter: nothing but what every request carries, and how many came from where. */
export interface EntryFacts {
  readonly level: ProtectionLevel;
  /** Whether the session belongs to a key that was proved. */
  readonly isBound: boolean;
  /** Whether more entered from this address within the minute than a household does. */
  readonly isAddressBusy: boolean;
  /** The same of its /24 or /48. */
  readonly isNetworkBusy: boolean;
  readonly userAgent: string | undefined;
  readonly acceptLanguage: string | undefined;
}

/** Whether somebody may enter as they are, and if not, what for. It never says no for good. */
export type EntryDecision = { readonly kind: "allow" } | { readonly kind: "bind" } | { readonly kind: "work"; readonly reasons: readonly ChallengeReason[] };

const headless = /headless|phantomjs/i;

/** Reasons are classes that a person can be told; each of them asks for the same work, and for nothing else. */
export function decideEntry(facts: EntryFacts): EntryDecision {
  if (facts.level === "standard") return { kind: "allow" };
  if (!facts.isBound) return { kind: "bind" };
  const reasons: ChallengeReason[] = [];
  if (facts.level === "maximum") reasons.push("protection_maximum");
  if (facts.isAddressBusy) reasons.push("address_busy");
  if (facts.isNetworkBusy) reasons.push("network_busy");
  if (facts.userAgent === undefined || facts.acceptLanguage === undefined || headless.test(facts.userAgent)) reasons.push("headless");
  return reasons.length === 0 ? { kind: "allow" } : { kind: "work", reasons };
}
