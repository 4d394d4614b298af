import { useState } from "react";
import type { DenyReason, EndedOutcome } from "@fanfare-io/fanfare-sdk-react";
import { useTitle } from "../hooks.ts";
import { useShop } from "../shop-context.tsx";
import { endWords, words } from "../words.ts";

interface EndedProps {
  readonly outcome: EndedOutcome;
  readonly denyReason: DenyReason | undefined;
  readonly journey: { reroute(): Promise<void> };
}

/** Each end has its own honest page, and the way on where there is one. */
export function Ended({ outcome, denyReason, journey }: EndedProps) {
  const { settings } = useShop();
  const [hasFailed, setHasFailed] = useState(false);
  const { title, text, action } = endWords(outcome, denyReason, settings.left);
  useTitle(`${title} · ${words.title}`);
  const rejoin = (): void => {
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
            {words.seeOrder}
          </a>
        ) : null}
        {action === "rejoin" ? (
          <button type="button" className="action" onClick={rejoin}>
            {words.rejoin}
          </button>
        ) : null}
        <p className="note" role="status">
          {hasFailed ? words.unreachable : ""}
        </p>
      </div>
    </>
  );
}
