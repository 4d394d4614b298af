import { useEffect, useRef, useState } from "react";
import { useFanfareAuth } from "@fanfare-io/fanfare-sdk-react";
import type { LinkOutcome } from "@fanfare-io/fanfare-sdk-react";
import { useShop } from "../shop-context.tsx";
import { countryOf, otpAnswerOf, otpRequestOf } from "./address.ts";
import type { Address } from "./address.ts";
import { knownWords } from "./known-words.ts";
import { problemOf } from "./problems.ts";

/** Where somebody stands who is saying who they are. Instants are the shop's clock. */
export type ProvingStep =
  | { readonly step: "address" }
  | { readonly step: "code"; readonly to: Address; readonly expiresAt: number | null; readonly resendAt: number }
  | { readonly step: "conflict"; readonly to: Address }
  | { readonly step: "done"; readonly outcome: LinkOutcome["kind"] | null };

/** What the sheet shows, and what may be done in it. */
export interface Proving {
  readonly at: ProvingStep;
  readonly isBusy: boolean;
  /** What went wrong with the last act; told beside the field. */
  readonly problem: string | null;
  /** Good news about the last act. */
  readonly news: string | null;
  /** Grows with each problem, so that the same one twice is heard twice. */
  readonly tries: number;
  ask(to: Address): Promise<void>;
  /** For a code that was asked for in another tab. */
  enter(to: Address): void;
  type(code: string): Promise<void>;
  back(): void;
}

/** The steps of saying who one is. A code asked for in one tab may be typed in another; whoever is known by then is done in both. */
export function useProving(): Proving {
  const { clock } = useShop();
  const { isGuest, isAuthenticated, session, requestOtp, verifyOtp } = useFanfareAuth();
  const [at, setAt] = useState<ProvingStep>({ step: "address" });
  const [isBusy, setIsBusy] = useState(false);
  const [told, setTold] = useState<{ readonly problem: string | null; readonly news: string | null; readonly tries: number }>({
    problem: null,
    news: null,
    tries: 0,
  });
  const isOnce = useRef(false);

  const say = (problem: string | null, news: string | null = null): void => setTold(({ tries }) => ({ problem, news, tries: tries + 1 }));
  const act = async (to: Address, task: () => Promise<void>): Promise<void> => {
    // A second press while the first is on its way would send a second code.
    if (isOnce.current) return;
    isOnce.current = true;
    setIsBusy(true);
    try {
      await task();
    } catch (error) {
      const problem = problemOf(error, to.way);
      if (problem.kind === "conflict") setAt({ step: "conflict", to });
      say(problem.kind === "conflict" ? null : problem.text);
    } finally {
      isOnce.current = false;
      setIsBusy(false);
    }
  };

  const linked = session?.type === "authenticated" ? (session.linked?.kind ?? null) : null;
  const isKnown = isAuthenticated && !isGuest;
  useEffect(() => {
    if (isKnown) setAt((before) => (before.step === "done" ? before : { step: "done", outcome: linked }));
  }, [isKnown, linked]);

  return {
    at,
    isBusy,
    ...told,
    ask: (to) =>
      act(to, async () => {
        const isAgain = at.step === "code";
        const { expiresAt, resendAfterSeconds } = await requestOtp(otpRequestOf(to, countryOf(navigator.language)));
        const now = clock.now();
        // Whole seconds, rounded down: the service's clock and the shop's differ by a moment, and ten minutes must not read as 10:01.
        const goodForMs = Math.floor((Date.parse(expiresAt) - now) / 1_000) * 1_000;
        setAt({ step: "code", to, expiresAt: now + goodForMs, resendAt: now + resendAfterSeconds * 1_000 });
        say(null, isAgain ? knownWords.resent : null);
      }),
    enter(to) {
      setAt({ step: "code", to, expiresAt: null, resendAt: 0 });
      say(null);
    },
    type: (code) =>
      at.step !== "code"
        ? Promise.resolve()
        : act(at.to, async () => {
            const { linked: outcome } = await verifyOtp(otpAnswerOf(at.to, countryOf(navigator.language), code));
            setAt({ step: "done", outcome: outcome?.kind ?? null });
            say(null);
          }),
    back() {
      setAt({ step: "address" });
      say(null);
    },
  };
}
