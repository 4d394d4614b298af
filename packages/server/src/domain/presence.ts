import { createColumn } from "./column.ts";

/** Who of a line was heard of lately. Instants in milliseconds; kept to the second. */
export interface Presence {
  /** When this memory began to listen. */
  readonly knownSince: number;
  /** Notes that the holder of a ticket asked this node, and was told to ask again after so many seconds. */
  see(ticket: number, now: number, pollAfterSeconds: number): void;
  /** Notes that another node heard of the holder. */
  hearOf(ticket: number, now: number, pollAfterSeconds: number): void;
  /** Whether the holder was heard of within twice the interval that they were told. */
  isPresent(ticket: number, now: number): boolean;
  /** The same, but whoever has not been heard of since this memory began counts as present for its first interval. */
  mayBePresent(ticket: number, now: number): boolean;
  /** Null for whoever is not present; the interval told to a present holder who asked this node at or after `since`, else 0. One look at both, for whoever goes along the line. */
  sightingSince(ticket: number, now: number, since: number): number | null;
  /** When the holder was heard of last, or since when their absence is counted. */
  lastSeen(ticket: number): number;
  /** Whether the first interval is over, so that silence means absence. */
  isSettled(now: number): boolean;
  /** Begins to wait for a holder whom the line now asks to be there, and who may live on the shared body until then. A sighting ends it. */
  summon(ticket: number, now: number): void;
  /** Whether a summoned holder may still be on the way. */
  isExpected(ticket: number, now: number): boolean;
  /** Takes over what another memory knows of a ticket, under another number. */
  adopt(ticket: number, from: Presence, fromTicket: number): void;
  /** What is remembered of a ticket, for `adopt`. */
  remembered(ticket: number): { readonly seenAt: number; readonly told: number };
}

/** The longest interval that a waiter near the turn is told; one silence of twice this length means absence. */
export const longestPollSeconds = 30;

// Those farther away are told up to a minute.
const longestToldSeconds = 60;
/** How long a summoned holder is waited for: one interval of those who live on the shared body, and what a slow network adds. */
const summonedMs = 90_000;
const hereBit = 0x80;
const summonedBit = 0x40;
const toldMask = 0x3f;

/** Makes the memory; `knownSince` is when this node began to listen. Five bytes a ticket. */
export function createPresence(knownSince: number): Presence {
  const seenAt = createColumn((length) => new Uint32Array(length));
  // The interval told, and whether by this node; or that the holder was summoned.
  const told = createColumn((length) => new Uint8Array(length));
  const unknownUntil = knownSince + 2 * longestPollSeconds * 1000;

  function note(ticket: number, now: number, mark: number): void {
    seenAt.set(ticket, Math.floor(now / 1000));
    told.set(ticket, mark);
  }

  function isPresent(ticket: number, now: number): boolean {
    const seconds = told.get(ticket) & toldMask;
    // One second more, because both instants are cut to the second.
    return seconds > 0 && now < (seenAt.get(ticket) + 2 * seconds + 1) * 1000;
  }

  return Object.freeze<Presence>({
    knownSince,
    see: (ticket, now, seconds) => note(ticket, now, wholeSeconds(seconds) | hereBit),
    hearOf: (ticket, now, seconds) => note(ticket, now, wholeSeconds(seconds)),
    isPresent,
    mayBePresent: (ticket, now) => isPresent(ticket, now) || (seenAt.get(ticket) === 0 && now < unknownUntil),
    sightingSince(ticket, now, since) {
      const [mark, seen] = [told.get(ticket), seenAt.get(ticket)];
      const seconds = mark & toldMask;
      if (seconds === 0 || now >= (seen + 2 * seconds + 1) * 1000) return null;
      return (mark & hereBit) !== 0 && (seen + 1) * 1000 > since ? seconds : 0;
    },
    lastSeen(ticket) {
      const seen = seenAt.get(ticket);
      return seen === 0 ? knownSince : seen * 1000;
    },
    remembered: (ticket) => ({ seenAt: seenAt.get(ticket), told: told.get(ticket) }),
    adopt(ticket, from, fromTicket) {
      const known = from.remembered(fromTicket);
      seenAt.set(ticket, known.seenAt);
      told.set(ticket, known.told);
    },
    isSettled: (now) => now >= unknownUntil,
    summon: (ticket, now) => note(ticket, now, summonedBit),
    isExpected: (ticket, now) => (told.get(ticket) & summonedBit) !== 0 && now < seenAt.get(ticket) * 1000 + summonedMs,
  });
}

function wholeSeconds(pollAfterSeconds: number): number {
  return Math.min(longestToldSeconds, Math.max(1, Math.ceil(pollAfterSeconds)));
}
