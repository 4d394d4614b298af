/**
 * Who may take part: anybody with a session; whoever has proved an e-mail address, a phone or an identity from outside; or whoever has
 * proved an e-mail address at one of these domains. A domain stands for itself, not for those below it.
 */
export type AuthenticationRule = "guest" | "identified" | { readonly emailDomains: readonly string[] };

/** `details` of `authentication_required`: what there is to prove. */
export interface AuthenticationNeeded {
  readonly requires: "identity" | "email";
  /** Where an address at one of these is asked for. */
  readonly emailDomains?: readonly string[];
}
