import type { ProofRefusal } from "@fanfare-io/fanfare-contract";
import type { Log } from "../../platform/log.ts";
import type { Proofs, ProofScope } from "../../platform/proofs.ts";
import { ServiceError } from "../service-error.ts";

/** A request's proof, as it came: `DPoP` of its headers. */
export interface ShownProof extends ProofScope {
  readonly proof: string | undefined;
}

/** Demands proofs of keys, in the catalog's words. */
export interface Proving {
  /** The thumbprint of the key that signed. Raises `invalid_dpop_proof`, `use_dpop_nonce`. */
  prove(shown: ShownProof): string;
  /** Proves that the request comes from the holder of this key, and answers the proof's `jti`. Raises likewise; what the key guards is left as it is. */
  demand(thumbprint: string, shown: ShownProof): string;
  /** What `DPoP-Nonce` says. */
  nonce(): string;
}

const urlMessage = "The proof is for an address that this service does not know as its own; CONSUMER_PUBLIC_URLS must name what browsers call.";

/** Creates the demand. `proofs` does the cryptography; a wrong address is worth a line in the log. */
export function createProving(proofs: Proofs, log: Log): Proving {
  let warnedOfUrl = false;

  function refuse(reason: ProofRefusal, seen: string | undefined): never {
    if (reason === "url" && !warnedOfUrl) {
      warnedOfUrl = true;
      log.warn({ seen }, "A proof names an address that CONSUMER_PUBLIC_URLS does not; sessions cannot be bound from there.");
    }
    throw new ServiceError("invalid_dpop_proof", { details: { reason }, ...(reason === "url" ? { message: urlMessage } : {}) });
  }

  function read(shown: ShownProof): { readonly thumbprint: string; readonly jti: string } {
    if (shown.proof === undefined) return refuse("missing", undefined);
    const result = proofs.check(shown.proof, shown);
    if (result.kind === "stale") throw new ServiceError("use_dpop_nonce");
    return result.kind === "proved" ? result : refuse(result.reason, result.seen);
  }

  return Object.freeze<Proving>({
    prove: (shown) => read(shown).thumbprint,
    demand(thumbprint, shown) {
      const proved = read(shown);
      return proved.thumbprint === thumbprint ? proved.jti : refuse("key", undefined);
    },
    nonce: proofs.nonce,
  });
}
