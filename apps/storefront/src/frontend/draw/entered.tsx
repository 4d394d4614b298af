import { useEffect, useRef } from "react";
import type { DrawDisplay, DrawRecords, PublicDraw, ReadableStore } from "@fanfare-io/fanfare-sdk-react";
import { useNow, useOnline, useReadable, useTitle } from "../hooks.ts";
import { Keep } from "../known/keep.tsx";
import { knownWords } from "../known/known-words.ts";
import { useAnnouncer } from "../parts/announcer.tsx";
import { LeaveDialog } from "../parts/leave-dialog.tsx";
import { clockTime, countDown, dayAndTime, exactTime } from "../times.ts";
import { drawPiece } from "../../product.ts";
import { Countdown } from "./countdown.tsx";
import { drawWords } from "./draw-words.ts";
import { TermList } from "./terms.tsx";
import type { Terms } from "./terms.tsx";
import { useFacts } from "./use-facts.ts";
import { saveFile } from "./save-file.ts";

interface EnteredProps {
  readonly sequence: { readonly display$: ReadableStore<DrawDisplay>; readonly records: DrawRecords; leave?(): Promise<void> };
  readonly onRise: (rise: number) => void;
}

/** In the draw: when it is drawn, how many are in, what may be done until entries close. */
export function Entered({ sequence, onRise }: EnteredProps) {
  const display = useReadable(sequence.display$);
  const { politely } = useAnnouncer();
  const facts = useFacts(sequence.records);
  useRise(display, onRise);
  useCountdownTitle(display);
  useEffect(() => politely(drawWords.announceEntered), [politely]);
  return (
    <>
      <p className="eyebrow">
        {drawPiece.name} · {drawWords.entered}
      </p>
      <Countdown label={drawWords.drawnIn} until={display.drawAt} heading />
      <p className="going-on">{display.message ?? (display.drawAt === null ? "" : drawWords.enteredText(clockTime(Date.parse(display.drawAt))))}</p>
      <Shown display={display} facts={facts} />
      <Age display={display} />
      <div className="doing waiting">
        <SaveReceipt display={display} />
        <Keep reason="entry" standing={knownWords.entryKept} />
        {sequence.leave ? <LeaveDialog words={drawWords} loss={drawWords.leaveLoss} leave={async () => sequence.leave?.()} /> : null}
      </div>
    </>
  );
}

interface SettlingProps {
  readonly sequence: { readonly display$: ReadableStore<DrawDisplay>; readonly records: DrawRecords };
  readonly onRise: (rise: number) => void;
}

/** A round that is this late is waited for, not merely on its way. */
const roundIsLateMs = 15_000;

/** Between the close and the last word. */
export function Settling({ sequence, onRise }: SettlingProps) {
  const display = useReadable(sequence.display$);
  const { politely } = useAnnouncer();
  const now = useNow();
  useRise(display, onRise);
  useCountdownTitle(display);
  const isReserve = display.status === "reserve";
  useEffect(() => politely(isReserve ? drawWords.reserve : drawWords.announceClosed), [politely, isReserve]);
  const isDue = display.drawAt !== null && Date.parse(display.drawAt) <= now;
  const facts = useFacts(sequence.records);
  const isMissingRound = facts?.state === "drawing" && facts.beacon !== null && now - Date.parse(facts.beacon.at) > roundIsLateMs;
  return (
    <>
      <p className="eyebrow">
        {drawPiece.name} · {drawWords.settling}
      </p>
      {isReserve || isDue ? (
        <h1 tabIndex={-1}>{isReserve ? drawWords.reserve : drawWords.drawing}</h1>
      ) : (
        <Countdown label={drawWords.drawnIn} until={display.drawAt} heading />
      )}
      <p className="going-on">
        {display.message ??
          (isReserve
            ? drawWords.reserveText(display.reserveAhead ?? 0)
            : isDue
              ? isMissingRound
                ? drawWords.missingRound
                : drawWords.drawingText
              : drawWords.settlingText)}
      </p>
      <Shown display={display} facts={facts} />
      <Age display={display} />
      <div className="doing waiting">
        <SaveReceipt display={display} />
      </div>
    </>
  );
}

interface ShownProps {
  readonly display: DrawDisplay;
  readonly facts: PublicDraw | null;
}

// An entrant's own status is asked for rarely; what everyone may see tells how many have come since.
function Shown({ display: { winnerCount, entrants: told, closeAt }, facts }: ShownProps) {
  const [first] = facts?.earlierDrawAts ?? [];
  const entrants = told === null ? null : Math.max(told, facts?.entrants ?? 0, 1);
  const terms: Terms = [
    [drawWords.pieces, winnerCount === null || entrants === null ? "" : drawWords.among(winnerCount, entrants)],
    [drawWords.closes, closeAt === null ? "" : exactTime(Date.parse(closeAt))],
    ...(first === undefined ? [] : [[drawWords.moved, dayAndTime(Date.parse(first))] as const]),
  ];
  return <TermList terms={terms} />;
}

function SaveReceipt({ display: { receipt } }: { readonly display: DrawDisplay }) {
  if (receipt === null) return null;
  return (
    <>
      <p className="note">{drawWords.receiptNote}</p>
      <button type="button" className="quiet" onClick={() => saveFile("receipt.json", receipt)}>
        {drawWords.saveReceipt}
      </button>
    </>
  );
}

// Where a result is told late, the facts on the page say how old they are.
function Age({ display: { updatedAt, drawAt } }: { readonly display: DrawDisplay }) {
  const now = useNow(5_000);
  const isOnline = useOnline();
  const arrived = useRef({ updatedAt: "", at: 0 });
  if (arrived.current.updatedAt !== updatedAt) arrived.current = { updatedAt, at: now };
  const isLate = drawAt !== null && now - Date.parse(drawAt) > 60_000 && now - arrived.current.at > 60_000;
  return <p className="age">{!isOnline || isLate ? drawWords.asOf(exactTime(arrived.current.at)) : ""}</p>;
}

function useRise({ enteredAt, drawAt }: DrawDisplay, onRise: (rise: number) => void): void {
  const now = useNow();
  const [from, to] = [Date.parse(enteredAt ?? ""), Date.parse(drawAt ?? "")];
  const rise = to > from ? Math.max(0, Math.min(1, (now - from) / (to - from))) : 1;
  useEffect(() => onRise(rise), [onRise, rise]);
  useEffect(() => () => onRise(1), [onRise]);
}

function useCountdownTitle({ drawAt, status }: DrawDisplay): void {
  const now = useNow();
  const left = drawAt === null ? 0 : Date.parse(drawAt) - now;
  useTitle(status === "reserve" || left <= 0 ? drawWords.title : `${countDown(left)} · ${drawPiece.name}`);
}
