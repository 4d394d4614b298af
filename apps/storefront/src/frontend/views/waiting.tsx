import { useEffect, useRef } from "react";
import type { QueueDisplay, ReadableStore } from "@fanfare-io/fanfare-sdk-react";
import { useNow, useOnline, useReadable, useReturn, useTitle } from "../hooks.ts";
import { Apart } from "../known/apart.tsx";
import { Keep } from "../known/keep.tsx";
import { knownWords } from "../known/known-words.ts";
import { LeaveDialog } from "../parts/leave-dialog.tsx";
import { SignalSwitch } from "../parts/signal-switch.tsx";
import { usePlaceAnnouncements } from "../parts/use-place-announcements.ts";
import { placeInWords, placeText } from "../place.ts";
import { useShop } from "../shop-context.tsx";
import { clockTime, exactTime, range } from "../times.ts";
import { words } from "../words.ts";
import type { TurnSignal } from "../parts/turn-signal.ts";

interface WaitingProps {
  readonly sequence: { readonly display$: ReadableStore<QueueDisplay>; leave?(): Promise<void> };
  readonly signal: TurnSignal;
  readonly onProgress: (progress: number) => void;
}

/** The calm page: the place, what is going on, how long, what may be done. */
export function Waiting({ sequence, signal, onProgress }: WaitingProps) {
  const display = useReadable(sequence.display$);
  useTitle(words.titleWaiting(placeText(display, words.next)));
  usePlaceAnnouncements(display);
  useEffect(() => onProgress(display.progress), [display.progress, onProgress]);
  return (
    <>
      <Place display={display} />
      <Apart inLine />
      <p className="going-on">{display.message ?? goingOn(display)}</p>
      <progress max={1} value={display.progress} aria-label={words.progressLabel} />
      <Estimate display={display} />
      <Age display={display} />
      <div className="doing waiting">
        <p className="note">{words.mayClose(display.heldUntil === undefined ? null : clockTime(Date.parse(display.heldUntil)))}</p>
        <SignalSwitch signal={signal} />
        <Keep reason="place" standing={knownWords.placeKept(placeText(display, words.next))} />
        {sequence.leave ? <LeaveDialog words={words} loss={words.leaveLoss(display.position)} leave={async () => sequence.leave?.()} /> : null}
      </div>
    </>
  );
}

function goingOn({ admitRatePerMinute, placesDrawnAt, estimatedWaitSeconds }: QueueDisplay): string {
  if (placesDrawnAt !== undefined) return words.early;
  // What bounds the line is not the rate then, and the reason beside the wait says what does.
  if (estimatedWaitSeconds?.reason !== undefined) return words.movingOtherwise;
  return admitRatePerMinute > 0 ? words.moving(admitRatePerMinute) : words.standing;
}

function Place({ display }: { readonly display: QueueDisplay }) {
  const { position, progress, placesDrawnAt } = display;
  if (placesDrawnAt !== undefined) {
    return (
      <h1 className="place" tabIndex={-1}>
        <span className="label">{words.drawnAt}</span>{" "}
        <span className="fact in-words" data-place>
          {clockTime(Date.parse(placesDrawnAt))}
        </span>
      </h1>
    );
  }
  return (
    <h1 className="place" tabIndex={-1}>
      <span className="label">{position === null ? words.placeSoFar : position === 1 ? words.placeNext : words.yourPlace}</span>{" "}
      <span className={position === null ? "fact in-words" : "fact"} data-place>
        {position ?? placeInWords(progress)}
      </span>
    </h1>
  );
}

function Estimate({ display: { estimatedWaitSeconds: estimate, updatedAt, placesDrawnAt } }: { readonly display: QueueDisplay }) {
  const { clock } = useShop();
  // Anchored to the answer, not to the ticking clock: the times stand still until a fact changes.
  const anchor = useRef({ updatedAt: "", at: 0 });
  if (anchor.current.updatedAt !== updatedAt) anchor.current = { updatedAt, at: clock.now() };
  if (estimate === null) return <p className="estimate">{placesDrawnAt === undefined ? words.noEstimate : words.earlyEstimate}</p>;
  const [from, to] = [anchor.current.at + estimate.low * 1_000, anchor.current.at + estimate.high * 1_000];
  return (
    <p className="estimate">
      {words.estimateLabel}{" "}
      <span className="together">
        <strong>{range(estimate)}</strong>,
      </span>{" "}
      <span className="together">{words.aroundClock(clockTime(from), clockTime(to))}.</span>
      {estimate.reason === undefined ? null : <span className="reason"> {estimate.reason}</span>}
    </p>
  );
}

// Whoever is far from the turn is told news once a minute, and in a hidden tab every other.
const oldAfterMs = 150_000;

// Age is counted from when the facts arrived here, since the device's clock may be wrong.
function Age({ display: { updatedAt, position } }: { readonly display: QueueDisplay }) {
  const now = useNow(5_000);
  const isOnline = useOnline();
  const arrived = useRef({ updatedAt: "", at: 0 });
  if (arrived.current.updatedAt !== updatedAt) arrived.current = { updatedAt, at: now };
  const isOld = !isOnline || now - arrived.current.at > oldAfterMs;
  const isBack = useReturn(Date.parse(updatedAt));
  const isKnown = position !== null;
  return <p className="age">{isOld ? words.asOf(exactTime(arrived.current.at)) : isBack && isKnown ? words.welcomeBack(position === 1) : ""}</p>;
}
