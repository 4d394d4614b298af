import { useState } from "react";
import type { DrawDenyReason, DrawRecords, EndedOutcome } from "@fanfare-io/fanfare-sdk-react";
import { useTitle } from "../hooks.ts";
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
  const [hasFailed, setHasFailed] = useState(false);
  const facts = useFacts(records);
  const { title, text, action } = endOf(outcome, denyReason);
  useTitle(`${title} · ${drawWords.title}`);
  const goOn = (): void => {
    setHasFailed(false);
    journey.reroute().catch(() => setHasFailed(true));
  };
  return (
    <>
      <h1 tabIndex={-1}>{title}</h1>
      <p className="lead">{text}</p>
      <div className="doing">
        {action === "order" ? (
          <a className="action" href="/shop/order">
            {drawWords.seeOrder}
          </a>
        ) : (
          <button type="button" className="action" onClick={goOn}>
            {action === "again" ? drawWords.again : drawWords.next}
          </button>
        )}
        <p className="note" role="status">
          {hasFailed ? drawWords.unreachable : ""}
        </p>
      </div>
      {facts?.state === "drawn" ? <CheckIt records={records} /> : null}
    </>
  );
}

function endOf(outcome: EndedOutcome, denyReason: DrawDenyReason | undefined): DrawEnd {
  if (denyReason === "DRAW_CANCELLED") return drawEnds.cancelled;
  return outcome === "outbid" ? drawEnds.closed : drawEnds[outcome];
}
