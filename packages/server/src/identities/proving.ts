import type { LinkOutcome } from "@fanfare-io/fanfare-contract";
import type { Database } from "../data/database.ts";
import type { StoredSession } from "../data/sessions.ts";
import type { ProvedIdentity } from "../domain/identity.ts";
import type { Audit } from "../jobs/audit.ts";
import type { Revocations } from "../jobs/revocations.ts";
import type { Clock } from "../platform/clock.ts";
import type { Aliases } from "./aliases.ts";
import type { Merger } from "./merger.ts";

/** Something that was proved, by whom, with which device. */
export interface Proving {
  readonly organization: { readonly id: string; readonly sessionDurationSeconds: number };
  /** The live session that came along, guest or identified; null = none. */
  readonly caller: { readonly sessionId: string | null } | null;
  /** Thumbprint of the key that signed the call; null = none. */
  readonly provedKey: string | null;
  /** What was proved now comes first; the others are verified claims that may fill what is empty. */
  readonly identities: readonly ProvedIdentity[];
  readonly fullName?: string;
  /** For the audit. */
  readonly address: string;
  readonly requestId: string;
}

/** The session that a proof ends in, and what it did to the guest who came; null = there was nobody to be linked. */
export interface Proved {
  readonly session: StoredSession;
  readonly linked: LinkOutcome | null;
}

/** The one door for whoever has proved an address or an account elsewhere, whatever proved it. */
export interface Identities {
  /** The same identity by the same session twice has the same outcome. Raises `identity_conflict`, `key_in_use`, `service_unavailable`. */
  prove(proving: Proving): Promise<Proved>;
}

/** What proving needs. */
export interface IdentitiesDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly newUuid: () => string;
  readonly revocations: Pick<Revocations, "add">;
  readonly audit: Pick<Audit, "note">;
  readonly aliases: Pick<Aliases, "add">;
  readonly merger: Pick<Merger, "plan" | "tell">;
}
