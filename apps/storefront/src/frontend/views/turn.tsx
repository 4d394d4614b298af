import { useEffect, useRef, useState } from "react";
import type { GrantView } from "@fanfare-io/fanfare-sdk-react";
import { useNow, useTitle } from "../hooks.ts";
import { useAnnouncer } from "../parts/announcer.tsx";
import { clockTime, countDown, spoken } from "../times.ts";
import { words } from "../words.ts";
import type { TurnSignal } from "../parts/turn-signal.ts";

const warnMs = 120_000;
const scalesMs = [2, 5, 10, 15, 30, 60, 24 * 60].map((minutes) => minutes * 60_000);

interface TurnProps {
  readonly grant: GrantView;
  /** Where more time may be asked for. */
  readonly extend: (() => Promise<void>) | undefined;
  readonly signal: TurnSignal;
}

/** The turn: one button, the time left, and nothing else to think about. */
export function Turn({ grant, extend, signal }: TurnProps) {
  const until = Date.parse(grant.expiresAt);
  const left = until - useNow();
  const isSoon = left < warnMs;
  useTitle(words.titleTurn);
  const soonWords = extend === undefined ? words.turnSoon : words.turnSoonMore;
  useCall(signal, left, isSoon, soonWords);
  return (
    <>
      <p className="eyebrow">{words.turnEyebrow}</p>
      <h1 className="turn-title">{words.turn}</h1>
      <p className="lead" id="turn-text">
        {words.turnText}
      </p>
      <ToCheckout token={grant.token} />
      <TimeLeft key={until} left={left} until={until} />
      <p className="turn-warning">{left <= 0 ? words.turnOver : isSoon ? soonWords : ""}</p>
      <MoreTime grant={grant} extend={isSoon && left > 0 ? extend : undefined} />
    </>
  );
}

// WCAG 2.2.1: a warning in time, and one simple act to get more of it.
function MoreTime({ grant, extend }: { readonly grant: GrantView; readonly extend: (() => Promise<void>) | undefined }) {
  const { politely } = useAnnouncer();
  const [state, setState] = useState<"idle" | "asking" | "failed">("idle");
  const until = useRef(grant.expiresAt);
  useEffect(() => {
    if (until.current === grant.expiresAt) return;
    until.current = grant.expiresAt;
    politely(words.moreTimeGiven(clockTime(Date.parse(grant.expiresAt))));
  }, [grant.expiresAt, politely]);
  if (extend === undefined || grant.extension === undefined) return null;
  const ask = (): void => {
    setState("asking");
    extend().then(
      () => setState("idle"),
      () => setState("failed"),
    );
  };
  return (
    <>
      <button type="button" className="quiet" aria-disabled={state === "asking"} onClick={() => void (state === "asking" || ask())}>
        {state === "asking" ? words.moreTimeBusy : words.moreTime(spoken(grant.extension.seconds * 1_000))}
      </button>
      <p className="note" role="status">
        {state === "failed" ? words.moreTimeFailed : ""}
      </p>
    </>
  );
}

function useCall(signal: TurnSignal, left: number, isSoon: boolean, soonWords: string): void {
  const { now, politely } = useAnnouncer();
  const leftAtFirst = useRef(left);
  useEffect(() => {
    now(words.announceTurn(spoken(leftAtFirst.current)));
    signal.ring(words.turn);
    return () => now("");
  }, [now, signal]);
  useEffect(() => {
    if (isSoon && leftAtFirst.current >= warnMs) politely(soonWords);
  }, [isSoon, politely, soonWords]);
}

/** The way to the counter. */
// A real form: the token travels in a body, never in a URL, and the shop's own page answers.
export function ToCheckout({ token }: { readonly token: string }) {
  const button = useRef<HTMLButtonElement>(null);
  const [isGoing, setIsGoing] = useState(false);
  useEffect(() => button.current?.focus(), []);
  useEffect(() => {
    // Coming back through the browser's history must find a button that works.
    const wake = (event: PageTransitionEvent): void => setIsGoing((going) => going && !event.persisted);
    addEventListener("pageshow", wake);
    return () => removeEventListener("pageshow", wake);
  }, []);
  return (
    <form
      method="post"
      action="/shop/checkout"
      onSubmit={(event) => {
        if (isGoing) event.preventDefault();
        setIsGoing(true);
      }}
    >
      <input type="hidden" name="token" value={token} />
      <button ref={button} type="submit" className="action" aria-disabled={isGoing} aria-describedby="turn-text">
        {isGoing ? words.toCheckoutBusy : words.toCheckout}
      </button>
    </form>
  );
}

export function TimeLeft({ left, until }: { readonly left: number; readonly until: number }) {
  // The page cannot know how long the turn was when it was reloaded in the middle; a round scale is honest about what is left.
  const [scale] = useState(() => scalesMs.find((candidate) => candidate >= left) ?? left);
  const share = Math.max(0, Math.min(1, left / scale));
  const bar = useRef<HTMLDivElement>(null);
  useEffect(() => bar.current?.style.setProperty("--share", share.toFixed(4)), [share]);
  return (
    <div className="time-left">
      <p>
        <span>
          {words.turnLeft} <span className="together">{words.turnUntil(clockTime(until))}</span>
        </span>{" "}
        <span className="clock" role="timer">
          {countDown(left)}
        </span>
      </p>
      <div ref={bar} className="bar" aria-hidden="true" />
    </div>
  );
}
