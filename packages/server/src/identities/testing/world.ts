import { randomBytes, randomUUID } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import type { Database } from "../../data/database.ts";
import { findOwners } from "../../data/identities.ts";
import { insertOrganization } from "../../data/organizations.ts";
import { findSession, insertGuests } from "../../data/sessions.ts";
import type { StoredSession } from "../../data/sessions.ts";
import type { ProvedIdentity } from "../../domain/identity.ts";
import { familyMs } from "../../domain/session.ts";
import type { Clock } from "../../platform/clock.ts";
import { createFollower } from "../../lines/follow.ts";
import type { Follower } from "../../lines/follow.ts";
import { createAliases } from "../aliases.ts";
import type { Aliases } from "../aliases.ts";
import { createIdentities } from "../identities.ts";
import { createMerger } from "../merger.ts";
import type { Merger } from "../merger.ts";
import type { Identities, Proved } from "../proving.ts";

/** People who prove things, over a database of the test's own. */
export interface IdentityWorld {
  readonly organizationId: string;
  readonly identities: Identities;
  readonly merger: Merger;
  readonly aliases: Aliases;
  /** A node's lines, followed by hand. */
  readonly follower: Follower;
  /** What was written to the audit log, in order. */
  readonly noted: readonly { readonly kind: string; readonly reason?: string | undefined; readonly subject?: string | undefined }[];
  /** Sessions that this node knows to have ended. */
  readonly ended: readonly string[];
  /** Becomes a guest, with a device key or without one. */
  guest(bound?: boolean): Promise<StoredSession>;
  /** Proves something as whoever this is. */
  prove(session: StoredSession | null, ...identities: readonly ProvedIdentity[]): Promise<Proved>;
  /** The same on a node with another database, which may fail it. */
  provingWith(other: Database): (session: StoredSession | null, ...identities: readonly ProvedIdentity[]) => Promise<Proved>;
  /** Whose an address is; null = nobody's. */
  ownerOf(identity: ProvedIdentity): Promise<string | null>;
  /** The session as its row stands. */
  look(session: StoredSession): Promise<StoredSession>;
}

/** An e-mail address as it is proved. */
export const email = (name: string): ProvedIdentity => ({ kind: "email", value: `${name}@example.com` });
/** A telephone number as it is proved. */
export const phone = (digits: string): ProvedIdentity => ({ kind: "phone", value: `+4915${digits}` });

/** What a world is made over. */
export interface WorldWish {
  /** An organization that is there already. */
  readonly organizationId?: string;
  readonly onIdentityConflict?: "merge" | "reject";
}

/** Makes an organization with its door. */
export async function createIdentityWorld(db: Database, clock: Clock, wish: WorldWish = {}): Promise<IdentityWorld> {
  const { organizationId = `org_${randomBytes(6).toString("hex")}`, onIdentityConflict = "merge" } = wish;
  if (wish.organizationId === undefined) {
    const { sql, parameters } = insertOrganization(db, organizationId, { name: "Test", onIdentityConflict }, new Date(clock.now())).compile();
    await db.run(sql, parameters);
  }
  const noted: { kind: string; reason?: string | undefined; subject?: string | undefined }[] = [];
  const ended: string[] = [];
  const follower = createFollower({
    db,
    clock,
    breathe: setImmediate,
    onFault: (error) => {
      throw error;
    },
  });
  const aliases = createAliases(db, clock);
  const merger = createMerger({ db, clock, follower });
  const identitiesOver = (over: Database): Identities =>
    createIdentities({
      db: over,
      clock,
      aliases,
      merger: createMerger({ db: over, clock, follower }),
      newUuid: randomUUID,
      revocations: { add: (sessionId) => void ended.push(sessionId) },
      audit: { note: ({ kind, reason, subject }) => void noted.push({ kind, reason: reason ?? undefined, subject: subject ?? undefined }) },
    });
  const identities = identitiesOver(db);
  const provingWith =
    (over: Identities) =>
    (session: StoredSession | null, ...proved: readonly ProvedIdentity[]): Promise<Proved> =>
      over.prove({
        organization: { id: organizationId, sessionDurationSeconds: 3600 },
        caller: session === null ? null : { sessionId: session.id },
        provedKey: session?.keyThumbprint ?? null,
        identities: proved,
        address: "203.0.113.7",
        requestId: "req_test",
      });
  const look = async (session: Pick<StoredSession, "id">): Promise<StoredSession> => {
    const found = await findSession(db, organizationId, session.id);
    if (found === null) throw new Error("The session is gone.");
    return found;
  };
  return {
    organizationId,
    identities,
    merger,
    aliases,
    follower,
    noted,
    ended,
    look,
    async guest(bound = true) {
      const id = randomUUID();
      const now = clock.now();
      await insertGuests(db, [
        {
          organizationId,
          consumerId: randomUUID(),
          sessionId: id,
          installKey: null,
          keyThumbprint: bound ? randomBytes(32).toString("base64url") : null,
          signalsKey: null,
          isDriven: false,
          durationSeconds: 3600,
          idleExpiresAt: now + 3_600_000,
          familyExpiresAt: now + familyMs,
          createdAt: now,
        },
      ]);
      return look({ id });
    },
    ownerOf: async (identity) => (await findOwners(db, organizationId, [identity]))[0] ?? null,
    prove: provingWith(identities),
    provingWith: (other) => provingWith(identitiesOver(other)),
  };
}
