import { useEffect, useRef } from "react";
import type { ReactNode } from "react";
import { product } from "../../product.ts";
import { words } from "../words.ts";

interface FrameProps {
  /** Where to go from here, beside the shop's name. */
  readonly nav: ReactNode;
  /** What the page shows now; styles go by it. */
  readonly scene: string;
  /** From one to the next the focus is kept; the scene unless it has several. */
  readonly step?: string;
  /** The piece on its wall. */
  readonly wall: ReactNode;
  readonly children: ReactNode;
}

/** What every page of the shop stands in: the name over the door, the wall with the piece, and the panel beside it. */
export function Frame({ nav, scene, step = scene, wall, children }: FrameProps) {
  const panel = useFocusKept(step);
  return (
    <>
      <a className="skip" href="#main">
        {words.skip}
      </a>
      <header className="masthead">
        <a className="wordmark" href="/">
          {product.shop}
        </a>
        {nav ? <nav>{nav}</nav> : null}
      </header>
      <main id="main" className="stage" data-view={scene} tabIndex={-1}>
        <div className="wall">{wall}</div>
        <section className="panel" ref={panel}>
          {children}
        </section>
      </main>
      <footer className="colophon">
        <p>{words.colophon}</p>
      </footer>
    </>
  );
}

// The button that had the focus goes away with its view; without this a keyboard would start again at the top of the page.
function useFocusKept(step: string) {
  const panel = useRef<HTMLElement>(null);
  const before = useRef(step);
  useEffect(() => {
    if (before.current === step) return;
    before.current = step;
    const isLost = document.activeElement === null || document.activeElement === document.body;
    if (isLost) panel.current?.querySelector<HTMLElement>("h1[tabindex]")?.focus();
  }, [step]);
  return panel;
}
