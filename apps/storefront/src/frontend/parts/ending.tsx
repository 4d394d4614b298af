import { useState } from "react";
import { useTitle } from "../hooks.ts";

interface EndingProps {
  readonly end: { readonly title: string; readonly text: string };
  /** Of the page, after the end's own. */
  readonly pageTitle: string;
  /** What there is to do next, the first thing first; null where that is not offered. */
  readonly ways: { readonly order: string | null; readonly goOn: string | null };
  readonly journey: { reroute(): Promise<void> };
  readonly unreachable: string;
}

/** How a participation ended, and the way on where there is one. */
export function Ending({ end: { title, text }, pageTitle, ways, journey, unreachable }: EndingProps) {
  const [hasFailed, setHasFailed] = useState(false);
  useTitle(`${title} · ${pageTitle}`);
  const goOn = (): void => {
    setHasFailed(false);
    journey.reroute().catch(() => setHasFailed(true));
  };
  return (
    <>
      <h1 tabIndex={-1}>{title}</h1>
      <p className="lead">{text}</p>
      <div className="doing">
        {ways.order === null ? null : (
          <a className="action" href="/shop/order">
            {ways.order}
          </a>
        )}
        {ways.goOn === null ? null : (
          <button type="button" className={ways.order === null ? "action" : "quiet"} onClick={goOn}>
            {ways.goOn}
          </button>
        )}
        <p className="note" role="status">
          {hasFailed ? unreachable : ""}
        </p>
      </div>
    </>
  );
}
