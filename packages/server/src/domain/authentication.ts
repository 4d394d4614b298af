import type { AuthenticationNeeded, AuthenticationRule } from "@fanfare-io/fanfare-contract";

/** What a consumer has proved, as rules look at it. */
export interface Proved {
  readonly type: "guest" | "identified";
  /** Lower-cased; null where none was proved. */
  readonly email: string | null;
}

/** What there is still to prove before all of these rules hold; null where nothing is. `proved`: null for somebody without a session. */
export function authenticationNeeded(rules: readonly AuthenticationRule[], proved: Proved | null): AuthenticationNeeded | null {
  const identified = proved?.type === "identified";
  const domain = identified && proved.email !== null ? proved.email.slice(proved.email.lastIndexOf("@") + 1).toLowerCase() : null;
  for (const rule of rules) {
    if (rule === "guest") continue;
    if (rule !== "identified" && (domain === null || !rule.emailDomains.includes(domain))) return { requires: "email", emailDomains: rule.emailDomains };
    if (!identified) return { requires: "identity" };
  }
  return null;
}

/** Whether anybody has to be asked who they are. */
export function asksForIdentity(rules: readonly AuthenticationRule[]): boolean {
  return rules.some((rule) => rule !== "guest");
}

const namedAtMost = 3;

/** The same in words for the shopper, as the routing answer's `detail`. A long list is not read out to strangers. */
export function needInWords({ emailDomains = [] }: AuthenticationNeeded): string {
  if (emailDomains.length === 0) return "This way in is for those who have proved an e-mail address or a phone number.";
  const named = emailDomains.slice(0, namedAtMost).map((domain) => `@${domain}`);
  return `This way in is for e-mail addresses that end in ${named.join(" or ")}${emailDomains.length > namedAtMost ? ", and some others" : ""}.`;
}
