/** Something about a person that was proved, normalised. */
export interface ProvedIdentity {
  readonly kind: "email" | "phone" | "external";
  /** E-mail: lower-cased throughout; phone: E.164; external: provider, issuer and subject as one unambiguous text. */
  readonly value: string;
}

/** Who asks, as the session's row stands now: the decision must not rest on a token that was issued before. */
export interface ProvingSession {
  readonly id: string;
  readonly consumerId: string;
  readonly consumerType: "guest" | "identified";
}

/** What is known when somebody has proved something. */
export interface ProofFacts {
  /** The live session that came along; null = nobody was there. */
  readonly session: ProvingSession | null;
  /** What was proved now comes first; the others are verified claims that may fill what is empty. */
  readonly identities: readonly ProvedIdentity[];
  /** Whose each of them is, in the same order; null = nobody's yet. */
  readonly owners: readonly (string | null)[];
  /** Which kinds the session's consumer is known by already. */
  readonly kindsOfSession: readonly ProvedIdentity["kind"][];
  readonly onConflict: "merge" | "reject";
}

/** What a proof does (contract §8). */
export type ProofDecision =
  /** Nobody was there and nobody is known: a new consumer. */
  | { readonly kind: "create" }
  /** Nobody was there: a session of a known consumer. */
  | { readonly kind: "open"; readonly consumerId: string }
  /** The guest becomes somebody, under the id that it has. */
  | { readonly kind: "upgrade"; readonly consumerId: string }
  /** The guest is somebody whom we know. */
  | { readonly kind: "merge"; readonly guestId: string; readonly consumerId: string }
  /** The session is that consumer's already; nothing moves. */
  | { readonly kind: "confirm"; readonly consumerId: string }
  /** The session's consumer is known by one more thing from now on. */
  | { readonly kind: "attach"; readonly consumerId: string }
  /** The session ends and another consumer's begins; null = a new consumer. */
  | { readonly kind: "switch"; readonly consumerId: string | null }
  | { readonly kind: "conflict" };

/**
 * Decides whose a proof is. What was proved now decides; where it is nobody's yet, the first verified claim that is somebody's does. Only
 * guests merge; an identified session that proves what is another's, or a second address of a kind it has, switches account.
 */
export function decideProof(facts: ProofFacts): ProofDecision {
  const { session } = facts;
  const owner = facts.owners.find((consumerId) => consumerId !== null) ?? null;
  if (session === null) return owner === null ? { kind: "create" } : { kind: "open", consumerId: owner };
  if (owner === session.consumerId) return facts.owners[0] === null ? { kind: "attach", consumerId: owner } : { kind: "confirm", consumerId: owner };
  if (session.consumerType === "guest") {
    if (owner === null) return { kind: "upgrade", consumerId: session.consumerId };
    return facts.onConflict === "reject" ? { kind: "conflict" } : { kind: "merge", guestId: session.consumerId, consumerId: owner };
  }
  if (owner !== null) return { kind: "switch", consumerId: owner };
  const kind = facts.identities[0]?.kind;
  return kind !== undefined && facts.kindsOfSession.includes(kind) ? { kind: "switch", consumerId: null } : { kind: "attach", consumerId: session.consumerId };
}
