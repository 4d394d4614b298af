import { useCallback, useEffect, useRef, useState } from "react";
import { useExperienceJourney } from "@fanfare-io/fanfare-sdk-react";
import type { FanfareErrorShape, JourneyView } from "@fanfare-io/fanfare-sdk-react";
import { product } from "../product.ts";
import { Jar } from "./parts/jar.tsx";
import { createTurnSignal } from "./parts/turn-signal.ts";
import { useShop } from "./shop-context.tsx";
import { Ended } from "./views/ended.tsx";
import { Gate } from "./views/gate.tsx";
import { Join } from "./views/join.tsx";
import { Opening } from "./views/opening.tsx";
import { ProductPanel } from "./views/product-panel.tsx";
import { Turn } from "./views/turn.tsx";
import { Waiting } from "./views/waiting.tsx";
import { words } from "./words.ts";
import type { TurnSignal } from "./parts/turn-signal.ts";

/** The front page: the piece on its wall, and beside it what the journey allows now. */
export function Shop() {
  const { settings } = useShop();
  const { view, start, error } = useExperienceJourney(settings.experienceId, { autoStart: true });
  const [signal] = useState(createTurnSignal);
  const [progress, setProgress] = useState(0);
  const scene = sceneOf(view);
  const panel = useFocusKept(view?.journeyStage === "gated" ? "gated" : scene);
  // The tide stands high when someone joins and is out at their turn; on every other page the jar is itself.
  const tide = scene === "waiting" ? 1 - progress : 0;
  return (
    <>
      <a className="skip" href="#main">
        {words.skip}
      </a>
      <Masthead />
      <main id="main" className="stage" data-view={scene} tabIndex={-1}>
        <div className="wall">
          <Jar tide={tide} />
        </div>
        <section className="panel" ref={panel}>
          <Panel view={view} error={error} start={start} signal={signal} onProgress={useCallback((value: number) => setProgress(value), [])} />
        </section>
      </main>
      <footer className="colophon">
        <p>{words.colophon}</p>
      </footer>
    </>
  );
}

/** The shop's name, and the way to its other piece. */
function Masthead() {
  const { settings } = useShop();
  return (
    <header className="masthead">
      <a className="wordmark" href="/">
        {product.shop}
      </a>
      {settings.hasDraw ? (
        <nav>
          <a href="/draw">{words.toTheDraw}</a>
        </nav>
      ) : null}
    </header>
  );
}

interface PanelProps {
  readonly view: JourneyView | undefined;
  readonly error: FanfareErrorShape | null;
  readonly start: () => Promise<void>;
  readonly signal: TurnSignal;
  readonly onProgress: (progress: number) => void;
}

function Panel({ view, error, start, signal, onProgress }: PanelProps) {
  if (view?.journeyStage === "gated") {
    return (
      <ProductPanel>
        <Gate view={view} />
      </ProductPanel>
    );
  }
  if (view?.journeyStage !== "routed") {
    return (
      <ProductPanel>
        <Looking error={error} start={start} />
      </ProductPanel>
    );
  }
  const { sequence } = view;
  // This page is a line's: a draw has pages of its own.
  if (sequence.phase === "unavailable" || sequence.phase === "settling" || sequence.mechanism === "draw") {
    return (
      <ProductPanel>
        <p className="closed">{words.unavailable}</p>
        <p className="note">{words.unavailableNote}</p>
      </ProductPanel>
    );
  }
  switch (sequence.phase) {
    case "participating":
      return <Waiting sequence={sequence} signal={signal} onProgress={onProgress} />;
    case "granted":
      return <Turn grant={sequence.grant} extend={"extend" in sequence ? sequence.extend : undefined} signal={signal} />;
    case "ended":
      return <Ended outcome={sequence.outcome} denyReason={sequence.denyReason} journey={view} />;
    case "enterable":
      return (
        <ProductPanel>
          <Join sequence={sequence} />
        </ProductPanel>
      );
    case "scheduled":
      return (
        <ProductPanel>
          <Opening startsAt={sequence.startsAt} journey={view} />
        </ProductPanel>
      );
  }
}

function Looking({ error, start }: { readonly error: FanfareErrorShape | null; readonly start: () => Promise<void> }) {
  if (error === null) {
    return (
      <button type="button" className="action" aria-disabled="true">
        {words.looking}
      </button>
    );
  }
  return (
    <>
      <button type="button" className="action" onClick={() => void start()}>
        {words.tryAgain}
      </button>
      <p className="note" role="alert">
        {words.unreachable}
      </p>
    </>
  );
}

type Scene = "product" | "waiting" | "turn" | "ended";

function sceneOf(view: JourneyView | undefined): Scene {
  if (view?.journeyStage !== "routed") return "product";
  const { phase } = view.sequence;
  return phase === "participating" ? "waiting" : phase === "granted" ? "turn" : phase === "ended" ? "ended" : "product";
}

// The button that had the focus goes away with its view; without this a keyboard would start again at the top of the page.
function useFocusKept(scene: Scene | "gated") {
  const panel = useRef<HTMLElement>(null);
  const before = useRef(scene);
  useEffect(() => {
    if (before.current === scene) return;
    before.current = scene;
    const isLost = document.activeElement === null || document.activeElement === document.body;
    if (isLost) panel.current?.querySelector<HTMLElement>("h1[tabindex]")?.focus();
  }, [scene]);
  return panel;
}
