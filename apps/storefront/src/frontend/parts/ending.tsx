import { useState } from "react";
import { useTitle } from "../hooks.ts";

interface EndingProps {
  readonly end: { readonly title: string; readonly text: string };
  /** Of the page, after the end's own. */
  readonly pageTitle: string;
  /** What there is to do next: see the order, go on by looking for the way again, or nothing. */
  readonly next: { readonly kind: "order"; readonly label: string } | { readonly kind: "go_on"; readonly label: string } | null;
  readonly journey: { reroute(): Promise<void> };
  readonly unreachable: string;
}

/** How a participation ended, and the way on where there is one. */
export function Ending({ end: { title, text }, pageTitle, next, journey, unreachable }: EndingProps) {
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
        {next?.kind === "order" ? (
          <a className="action" href="/shop/order">
            {next.label}
          </a>
        ) : null}
        {next?.kind === "go_on" ? (
          <button type="button" className="action" onClick={goOn}>
            {next.label}
          </button>
        ) : null}
        <p className="note" role="status">
          {hasFailed ? unreachable : ""}
        </p>
      </div>
    </>
  );
}
