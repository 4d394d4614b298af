import type { AuthenticatedSession, GuestSession, LinkOutcome } from "@fanfare-io/fanfare-contract";
import type { ScriptedAnswer, ScriptedRequest } from "./scripted-service.ts";
import { refusal } from "./scripted-service.ts";
import type { SimulatedClock } from "./simulated-clock.ts";

/** Whom a session belongs to, as far as addresses go. */
export interface Holder {
  consumerId: string;
  /** Null while they are a guest. */
  email: string | null;
  guestId: string | null;
}

/** Consumers that are known by an address, with a small truthful model of codes and linking (contract §8). */
export interface KnownConsumers {
  /** Somebody who proved this address before, on another device. */
  settle(email: string, consumerId: string): void;
  /** Sends a code; it is good for this key only. */
  request(request: ScriptedRequest, key: string): ScriptedAnswer;
  /** Looks at a code; the same by the same key within a minute is the same. Null where it fits. */
  refuse(request: ScriptedRequest, key: string, holder: Holder | null): ScriptedAnswer | null;
  /** Makes `holder` whom the address names. */
  link(holder: Holder, email: string): LinkOutcome;
  /** From now on an address of another consumer is refused to guests. */
  reject(): void;
  /** The session of a holder, as answers carry it. */
  session(holder: Holder, linked?: LinkOutcome): GuestSession | AuthenticatedSession;
}

/** The code of every letter. */
export const letterCode = "123456";

/** Nobody is known yet. */
export function createKnownConsumers(clock: SimulatedClock): KnownConsumers {
  const owners = new Map<string, string>();
  const sent = new Map<string, { usedAt: number | null }>();
  let rejects = false;
  const emailOf = ({ body }: ScriptedRequest): string => String(body["email"]);
  return {
    settle: (email, consumerId) => void owners.set(email, consumerId),
    request(request, key) {
      sent.set(`${emailOf(request)} ${key}`, { usedAt: null });
      return { status: 202, body: { expiresAt: new Date(clock.now() + 600_000).toISOString(), resendAfterSeconds: 30 } };
    },
    refuse(request, key, holder) {
      const letter = sent.get(`${emailOf(request)} ${key}`);
      const isSpent = letter?.usedAt !== undefined && letter.usedAt !== null && clock.now() - letter.usedAt > 60_000;
      if (!letter || isSpent || request.body["code"] !== letterCode) return refusal(400, "invalid_otp", { attemptsRemaining: 4 });
      const owner = owners.get(emailOf(request));
      if (rejects && holder?.email === null && owner !== undefined && owner !== holder.consumerId) return refusal(409, "identity_conflict");
      letter.usedAt ??= clock.now();
      return null;
    },
    link(holder, email) {
      const owner = owners.get(email);
      const from = holder.consumerId;
      const none = { moved: [], kept: [] };
      if (owner === undefined) {
        if (holder.email !== null) holder.consumerId = `known-${email}`;
        else holder.guestId = from;
        owners.set(email, holder.consumerId);
        const kind = holder.email === null ? "upgraded" : "switched";
        holder.email = email;
        return { kind, fromConsumerId: from, ...none };
      }
      const kind = owner === from ? "upgraded" : holder.email === null ? "merged" : "switched";
      if (kind === "merged") holder.guestId = from;
      holder.consumerId = owner;
      holder.email = email;
      return { kind, fromConsumerId: from, ...none };
    },
    reject() {
      rejects = true;
    },
    session({ consumerId, email, guestId }, linked) {
      const common = { consumerId, expiresAt: new Date(clock.now() + 3_600_000).toISOString(), bound: "device" as const };
      if (email === null) return { type: "guest", guestId: consumerId, ...common };
      return { type: "authenticated", email, ...(guestId !== null && { guestId }), ...(linked && { linked }), ...common };
    },
  };
}
