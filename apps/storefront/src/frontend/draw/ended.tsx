import type { DrawDenyReason, DrawRecords, EndedOutcome, PublicDraw } from "@fanfare-io/fanfare-sdk-react";
import { Ending } from "../parts/ending.tsx";
import { CheckIt } from "./check-it.tsx";
import { drawEnds, drawWords } from "./draw-words.ts";
import type { DrawEnd } from "./draw-words.ts";
import { useFacts } from "./use-facts.ts";

interface EndedProps {
  readonly sequence: { readonly outcome: EndedOutcome; readonly denyReason?: DrawDenyReason; readonly records: DrawRecords };
  readonly journey: { reroute(): Promise<void> };
}

/** Each end has its own honest page; where a result is published, with the way to check it. */
export function Ended({ sequence: { outcome, denyReason, records }, journey }: EndedProps) {
  const facts = useFacts(records);
  const { action, title, text } = endOf(outcome, denyReason);
  const end = { title, text: [reasonOf(facts), text, outcome === "expired" ? afterLapse(facts) : ""].filter(Boolean).join(" ") };
  // Whoever bought in this draw may take part in the next one as well.
  const ways = { order: action === "order" ? drawWords.seeOrder : null, goOn: action === "again" ? drawWords.again : drawWords.next };
  return (
    <>
      <Ending end={end} pageTitle={drawWords.title} ways={ways} journey={journey} unreachable={drawWords.unreachable} />
      {facts?.state === "drawn" ? <CheckIt records={records} /> : null}
    </>
  );
}

/** Why a draw was called off is for its operator to say. */
const reasonOf = (facts: PublicDraw | null): string => (facts?.state === "cancelled" ? (facts.message ?? "") : "");

/** Where a lapsed win goes is one of the draw's rules. */
const afterLapse = (facts: PublicDraw | null): string => (facts?.continueSelectingUntilCompleted ? drawWords.wentOn : "");

function endOf(outcome: EndedOutcome, denyReason: DrawDenyReason | undefined): DrawEnd {
  if (denyReason === "DRAW_CANCELLED") return drawEnds.cancelled;
  return outcome === "outbid" ? drawEnds.closed : drawEnds[outcome];
}
