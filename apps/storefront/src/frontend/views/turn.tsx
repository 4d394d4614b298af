import { useEffect, useRef, useState } from "react";
import type { GrantView } from "@fanfare-io/fanfare-sdk-react";
import { useNow, useTitle } from "../hooks.ts";
import { useAnnouncer } from "../parts/announcer.tsx";
import { clockTime, countDown, spoken } from "../times.ts";
import { words } from "../words.ts";
import type { TurnSignal } from "../parts/turn-signal.ts";

const warnMs = 120_000;
const scalesMs = [2, 5, 10, 15, 30, 60, 24 * 60].map((minutes) => minutes * 60_000);

/** The turn: one button, the time left, and nothing else to think about. */
export function Turn({ grant, signal }: { readonly grant: GrantView; readonly signal: TurnSignal }) {
  const until = Date.parse(grant.expiresAt);
  const left = until - useNow();
  const isSoon = left < warnMs;
  useTitle(words.titleTurn);
  useCall(signal, left, isSoon);
  return (
    <>
      <p className="eyebrow">{words.turnEyebrow}</p>
      <h1 className="turn-title">{words.turn}</h1>
      <p className="lead" id="turn-text">
        {words.turnText}
      </p>
      <ToCheckout token={grant.token} />
      <TimeLeft left={left} until={until} />
      <p className="turn-warning">{left <= 0 ? words.turnOver : isSoon ? words.turnSoon : ""}</p>
    </>
  );
}

function useCall(signal: TurnSignal, left: number, isSoon: boolean): void {
  const { now, politely } = useAnnouncer();
  const leftAtFirst = useRef(left);
  useEffect(() => {
    now(words.announceTurn(spoken(leftAtFirst.current)));
    signal.ring(words.turn);
    return () => now("");
  }, [now, signal]);
  useEffect(() => {
    if (isSoon && leftAtFirst.current >= warnMs) politely(words.turnSoon);
  }, [isSoon, politely]);
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
