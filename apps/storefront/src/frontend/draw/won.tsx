import { useEffect, useRef } from "react";
import type { DrawRecords, GrantView } from "@fanfare-io/fanfare-sdk-react";
import { drawPiece } from "../../product.ts";
import { useNow, useTitle } from "../hooks.ts";
import { useAnnouncer } from "../parts/announcer.tsx";
import type { TurnSignal } from "../parts/turn-signal.ts";
import { spoken } from "../times.ts";
import { TimeLeft, ToCheckout } from "../views/turn.tsx";
import { CheckIt } from "./check-it.tsx";
import { drawWords } from "./draw-words.ts";

const warnMs = 120_000;

/** The win: one button, the time left, and below it the way to check. */
export function Won({ sequence, signal }: { readonly sequence: { readonly grant: GrantView; readonly records: DrawRecords }; readonly signal: TurnSignal }) {
  const until = Date.parse(sequence.grant.expiresAt);
  const left = until - useNow();
  const isSoon = left < warnMs;
  const { now, politely } = useAnnouncer();
  const leftAtFirst = useRef(left);
  useTitle(drawWords.wonTitle);
  useEffect(() => {
    now(drawWords.announceWon(spoken(leftAtFirst.current)));
    signal.ring(drawWords.won);
    return () => now("");
  }, [now, signal]);
  useEffect(() => {
    if (isSoon && leftAtFirst.current >= warnMs) politely(drawWords.wonSoon);
  }, [isSoon, politely]);
  return (
    <>
      <p className="eyebrow">{drawPiece.name}</p>
      <h1 className="turn-title">{drawWords.won}</h1>
      <p className="lead" id="turn-text">
        {drawWords.wonText}
      </p>
      <ToCheckout token={sequence.grant.token} />
      <TimeLeft left={left} until={until} />
      <p className="turn-warning">{left <= 0 ? drawWords.wonOver : isSoon ? drawWords.wonSoon : ""}</p>
      <CheckIt records={sequence.records} />
    </>
  );
}
