import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decideOtp, isLive, matchingEmail, otpDayMs, otpLevels, otpLifeMs, otpResendMs, otpSendsPerDay } from "./otp.ts";
import type { NewOtp, OtpAddressFacts, OtpAskerFacts } from "./otp.ts";

const hour = 3_600_000;
const began = { beganAt: 0, tries: 0, sends: 0 };
const asker = (facts: Partial<OtpAskerFacts>): OtpAskerFacts => ({
  ...{ failures: 0, failuresBeganAt: 0, sends: 1, sendsBeganAt: 0, issuedAt: 0, expiresAt: otpLifeMs, triesLeft: 5, honouredUntil: 40, isConsumed: false },
  ...facts,
});
function codeOf(address: OtpAddressFacts | null, facts: OtpAskerFacts | null, now: number): NewOtp {
  const decision = decideOtp(address, facts, now);
  if (decision.kind !== "send") throw new Error(`It says ${decision.kind}.`);
  return decision.code;
}

describe("a code", () => {
  test("has six digits, five tries and ten minutes at first", () => {
    expect(decideOtp(null, null, 7)).toEqual({
      kind: "send",
      isWorkDue: false,
      code: { digits: 6, honouredUntil: 40, triesLeft: 5, failures: 0, failuresBeganAt: 7, sends: 1, sendsBeganAt: 7, expiresAt: 7 + 600_000 },
    });
  });

  test.each([
    [0, 6, 5],
    [4, 6, 1],
    [5, 8, 5],
    [9, 8, 1],
    [10, 10, 5],
    [17, 12, 3],
    [80, 12, 5],
  ])("after %i failures of its key has %i digits and %i tries, whatever was asked for in between", (failures, digits, triesLeft) => {
    expect(codeOf(began, asker({ failures, sends: 2, triesLeft: 0 }), otpResendMs)).toMatchObject({ digits, triesLeft, failures });
  });

  test.each([
    [39, 6],
    [40, 8],
    [440, 10],
    [4_440, 12],
    [1_000_000, 12],
  ])("after %i tries at its address, by whomever, has %i digits", (tries, digits) => {
    expect(codeOf({ ...began, tries }, null, 1)).toMatchObject({ digits });
    expect(codeOf({ ...began, tries }, null, otpDayMs)).toMatchObject({ digits: 6 });
  });

  test("is not sent again for half a minute, unless it was used, used up, or made worthless by tries of others", () => {
    const sent = asker({});
    expect(decideOtp(began, sent, 29_999)).toEqual({ kind: "repeat", expiresAt: otpLifeMs, resendAfterMs: 1 });
    for (const [address, facts, now] of [
      [began, sent, otpResendMs],
      [began, asker({ isConsumed: true }), 1],
      [began, asker({ triesLeft: 0 }), 1],
      [{ ...began, tries: 40 }, sent, 1],
    ] as const)
      expect(decideOtp(address, facts, now).kind).toBe("send");
  });

  test("is sent six times an hour at one key's asking, sixty a day to one address, the first six of them without work", () => {
    expect(decideOtp(began, asker({ sends: 6 }), otpResendMs)).toEqual({ kind: "wait", retryAfterMs: hour - otpResendMs });
    expect(decideOtp(began, asker({ sends: 6 }), hour)).toMatchObject({ kind: "send", code: { sends: 1, sendsBeganAt: hour } });
    expect(decideOtp({ ...began, sends: 5 }, null, 1)).toMatchObject({ isWorkDue: false });
    expect(decideOtp({ ...began, sends: 6 }, null, 1)).toMatchObject({ isWorkDue: true });
    expect(decideOtp({ ...began, sends: otpSendsPerDay }, null, 1)).toEqual({ kind: "wait", retryAfterMs: otpDayMs - 1 });
  });
});

test("addresses are compared without regard to case or the space around them", () => {
  expect(matchingEmail(" Ann.Lee@Example.COM ")).toBe("ann.lee@example.com");
});

describe("guessing", () => {
  // A guess at a code of n digits that was drawn evenly hits with 10⁻ⁿ; several at one code exclude each other, so that chances add up.
  const chanceOf = (digits: number): number => 10 ** -digits;

  test("succeeds with less than one in ten thousand a day for each address: by the numbers of the rules", () => {
    // Tries at a length are at most those up to which it is honoured; any day lies within two windows of counting.
    const inAWindow = otpLevels.reduce((sum, { digits, honouredUntil }) => {
      const bySending = 2 * otpSendsPerDay * 5;
      return sum + Math.min(honouredUntil, digits === 12 ? bySending : honouredUntil) * chanceOf(digits);
    }, 0);
    expect(inAWindow).toBeGreaterThan(4e-5);
    expect(2 * inAWindow).toBeLessThan(1e-4);
  });

  /** Somebody with as many keys as they like, who never asks in vain, against the rules as the service applies them. */
  function attack(moves: readonly { readonly key: number; readonly tries: number; readonly waitMs: number }[]): number {
    let now = 0;
    let address: OtpAddressFacts | null = null;
    const askers = new Map<number, OtpAskerFacts & { readonly digits: number }>();
    const chances: { readonly at: number; readonly chance: number }[] = [];
    for (const { key, tries, waitMs } of moves) {
      now += waitMs;
      const decision = decideOtp(address, askers.get(key) ?? null, now);
      if (decision.kind === "send") {
        const day: OtpAddressFacts = address !== null && now - address.beganAt < otpDayMs ? address : { beganAt: now, tries: 0, sends: 0 };
        address = { ...day, sends: day.sends + 1 };
        askers.set(key, { ...decision.code, issuedAt: now, isConsumed: false });
      }
      for (let guess = 0; guess < tries; guess++) {
        const code = askers.get(key);
        if (code === undefined || address === null) break;
        if (now - address.beganAt >= otpDayMs) address = { beganAt: now, tries: 0, sends: 0 };
        const isTaken = isLive(code, address.tries, now);
        if (code.triesLeft > 0 && now < code.expiresAt) address = { ...address, tries: address.tries + 1 };
        if (!isTaken) continue;
        chances.push({ at: now, chance: chanceOf(code.digits) });
        askers.set(key, { ...code, triesLeft: code.triesLeft - 1, failures: code.failures + 1 });
      }
    }
    // The worst day of all.
    return Math.max(0, ...chances.map(({ at }) => chances.reduce((sum, other) => (other.at >= at && other.at < at + otpDayMs ? sum + other.chance : sum), 0)));
  }

  test("succeeds with less than one in ten thousand a day, however many keys ask and whenever", () => {
    const move = fc.record({ key: fc.nat(30), tries: fc.nat(6), waitMs: fc.oneof(fc.constant(0), fc.nat(60_000), fc.nat(hour), fc.nat(otpDayMs / 4)) });
    fc.assert(
      fc.property(fc.array(move, { minLength: 50, maxLength: 600, size: "max" }), (moves) => attack(moves) < 1e-4),
      { numRuns: 120 },
    );
  });

  test("at its most patient, a key for each code and every try made, around the turn of a day, stays below it too", () => {
    const patient = (waitMs: number, count: number) =>
      Array.from({ length: count }, (_, key) => ({ key: key + waitMs, tries: 5, waitMs: key === 0 ? waitMs : 0 }));
    const worst = attack([...patient(1, 1), ...patient(otpDayMs - 2, 400), ...patient(3, 400)]);
    expect(worst).toBeGreaterThan(4e-5);
    expect(worst).toBeLessThan(1e-4);
  });
});
