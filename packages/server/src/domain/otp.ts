/**
 * One-time codes. What bounds guessing is counted by address, over everybody who asks or tries, because a stranger has as many keys as
 * they like; what bounds a single asker is counted by (address, key), so that a stranger's failures use up nobody else's tries. Nobody is
 * locked out: codes get longer. All instants and durations in milliseconds.
 */

/** How long a code is good. */
export const otpLifeMs = 600_000;
/** Before this, asking again sends nothing: the message is on its way. */
export const otpResendMs = 30_000;
/** For this long the same code from the same key opens the same session again: the answer may have been lost. */
export const otpRepeatMs = 60_000;
/** Counts of tries and messages begin anew after this. */
export const otpDayMs = 86_400_000;

const askerHourMs = 3_600_000;
const triesPerCode = 5;
/** Messages an hour that one key may have sent to one address. */
const askerSends = 6;
/** Messages a day to one address, whoever asks: nobody's mailbox is to be filled from here. */
export const otpSendsPerDay = 60;
/** From so many on each one costs work. */
const freeSendsPerDay = 6;

/** Lengths of codes, and up to how many tries at an address within its day codes of that length are taken. */
export const otpLevels: readonly { readonly digits: number; readonly honouredUntil: number }[] = [
  { digits: 6, honouredUntil: 40 },
  { digits: 8, honouredUntil: 440 },
  { digits: 10, honouredUntil: 4_440 },
  { digits: 12, honouredUntil: 2_000_000_000 },
];

/** What is counted of an address, over all who asked. */
export interface OtpAddressFacts {
  readonly beganAt: number;
  readonly tries: number;
  readonly sends: number;
}

/** What is known of one key's asking for one address. */
export interface OtpAskerFacts {
  readonly failures: number;
  readonly failuresBeganAt: number;
  readonly sends: number;
  readonly sendsBeganAt: number;
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly triesLeft: number;
  readonly honouredUntil: number;
  readonly isConsumed: boolean;
}

/** What becomes of asking for a code. */
export type OtpDecision =
  /** The code that was sent a moment ago is still good. */
  | { readonly kind: "repeat"; readonly expiresAt: number; readonly resendAfterMs: number }
  | { readonly kind: "wait"; readonly retryAfterMs: number }
  | { readonly kind: "send"; readonly isWorkDue: boolean; readonly code: NewOtp };

/** A code to be made, with what is counted on from it. */
export interface NewOtp {
  readonly digits: number;
  readonly triesLeft: number;
  readonly honouredUntil: number;
  readonly failures: number;
  readonly failuresBeganAt: number;
  readonly sends: number;
  readonly sendsBeganAt: number;
  readonly expiresAt: number;
}

/** Decides on asking for a code; null = the address, or this key's asking for it, was never heard of. */
export function decideOtp(address: OtpAddressFacts | null, asker: OtpAskerFacts | null, now: number): OtpDecision {
  const day = address !== null && now - address.beganAt < otpDayMs ? address : { beganAt: now, tries: 0, sends: 0 };
  if (asker !== null && isLive(asker, day.tries, now) && now - asker.issuedAt < otpResendMs)
    return { kind: "repeat", expiresAt: asker.expiresAt, resendAfterMs: asker.issuedAt + otpResendMs - now };
  const sent = asker !== null && now - asker.sendsBeganAt < askerHourMs ? asker : { sends: 0, sendsBeganAt: now };
  if (sent.sends >= askerSends) return { kind: "wait", retryAfterMs: sent.sendsBeganAt + askerHourMs - now };
  if (day.sends >= otpSendsPerDay) return { kind: "wait", retryAfterMs: day.beganAt + otpDayMs - now };
  const failed = asker !== null && now - asker.failuresBeganAt < otpDayMs ? asker : { failures: 0, failuresBeganAt: now };
  const { digits, honouredUntil } = levelFor(failed.failures, day.tries);
  const code = {
    digits,
    honouredUntil,
    // A new code goes on where the last one stopped: asking again is no way to further tries.
    triesLeft: triesPerCode - (failed.failures % triesPerCode),
    failures: failed.failures,
    failuresBeganAt: failed.failuresBeganAt,
    sends: sent.sends + 1,
    sendsBeganAt: sent.sendsBeganAt,
    expiresAt: now + otpLifeMs,
  };
  return { kind: "send", isWorkDue: day.sends >= freeSendsPerDay, code };
}

/** Whether a code would be taken: `tries` at its address, before this one. The statement that takes it (`data/otp.ts`) asks the same. */
export function isLive(code: Pick<OtpAskerFacts, "isConsumed" | "expiresAt" | "triesLeft" | "honouredUntil">, tries: number, now: number): boolean {
  return !code.isConsumed && now < code.expiresAt && code.triesLeft > 0 && tries < code.honouredUntil;
}

/** Every five failures of this key make its codes longer, and so do all failures at the address together. */
function levelFor(failures: number, tries: number): { readonly digits: number; readonly honouredUntil: number } {
  const byAddress = otpLevels.findIndex(({ honouredUntil }) => tries < honouredUntil);
  const level = Math.max(Math.floor(failures / triesPerCode), byAddress === -1 ? otpLevels.length : byAddress);
  return otpLevels[Math.min(level, otpLevels.length - 1)] as (typeof otpLevels)[number];
}

/** An e-mail address as it is compared: mail systems that tell the case of a local part apart are not found any more. */
export function matchingEmail(address: string): string {
  return address.trim().toLowerCase();
}
