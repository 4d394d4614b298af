import { useEffect, useRef, useState } from "react";
import { useExperienceJourney } from "@fanfare-io/fanfare-sdk-react";
import type { FanfareErrorShape, JourneyView, SequenceView } from "@fanfare-io/fanfare-sdk-react";
import { product } from "../../product.ts";
import { useTitle } from "../hooks.ts";
import { createTurnSignal } from "../parts/turn-signal.ts";
import type { TurnSignal } from "../parts/turn-signal.ts";
import { useShop } from "../shop-context.tsx";
import { Gate } from "../views/gate.tsx";
import { words } from "../words.ts";
import { Bowl } from "./bowl.tsx";
import { Countdown } from "./countdown.tsx";
import { drawWords } from "./draw-words.ts";
import { Ended } from "./ended.tsx";
import { Enter } from "./enter.tsx";
import { Entered, Settling } from "./entered.tsx";
import { PiecePanel } from "./piece-panel.tsx";
import { Won } from "./won.tsx";

/** The draw's page: the bowl on its wall, and beside it what the journey allows now. */
export function DrawShop() {
  const { settings } = useShop();
  const { view, start, error } = useExperienceJourney(settings.experienceId, { autoStart: true });
  const [signal] = useState(createTurnSignal);
  const [rise, setRise] = useState(1);
  const scene = sceneOf(view);
  const panel = useFocusKept(scene);
  return (
    <>
      <a className="skip" href="#main">
        {words.skip}
      </a>
      <header className="masthead">
        <a className="wordmark" href="/">
          {product.shop}
        </a>
        <nav>
          <a href="/">{drawWords.toTheLine}</a>
        </nav>
      </header>
      <main id="main" className="stage" data-view={scene} tabIndex={-1}>
        <div className="wall">
          <Bowl rise={rise} />
        </div>
        <section className="panel" ref={panel}>
          <Panel view={view} error={error} start={start} signal={signal} onRise={setRise} />
        </section>
      </main>
      <footer className="colophon">
        <p>{words.colophon}</p>
      </footer>
    </>
  );
}

interface PanelProps {
  readonly view: JourneyView | undefined;
  readonly error: FanfareErrorShape | null;
  readonly start: () => Promise<void>;
  readonly signal: TurnSignal;
  readonly onRise: (rise: number) => void;
}

function Panel({ view, error, start, signal, onRise }: PanelProps) {
  if (view?.journeyStage === "gated") {
    return (
      <PiecePanel>
        <Gate view={view} />
      </PiecePanel>
    );
  }
  if (view?.journeyStage !== "routed") {
    return (
      <PiecePanel>
        <Looking error={error} start={start} />
      </PiecePanel>
    );
  }
  const { sequence } = view;
  return isDraw(sequence) ? (
    <Phase sequence={sequence} journey={view} signal={signal} onRise={onRise} />
  ) : (
    <PiecePanel>
      <p className="closed">{drawWords.unavailable}</p>
      <p className="note">{drawWords.unavailableNote}</p>
    </PiecePanel>
  );
}

type DrawSequence = Extract<SequenceView, { readonly mechanism: "draw" }>;

const isDraw = (sequence: SequenceView): sequence is DrawSequence => "mechanism" in sequence && sequence.mechanism === "draw";

interface PhaseProps extends Pick<PanelProps, "signal" | "onRise"> {
  readonly sequence: DrawSequence;
  readonly journey: { reroute(): Promise<void> };
}

function Phase({ sequence, journey, signal, onRise }: PhaseProps) {
  switch (sequence.phase) {
    case "scheduled":
      return (
        <PiecePanel records={sequence.records}>
          <Countdown label={drawWords.opensIn} until={sequence.startsAt} />
        </PiecePanel>
      );
    case "enterable":
      return (
        <PiecePanel records={sequence.records}>
          <Enter sequence={sequence} />
        </PiecePanel>
      );
    case "participating":
      return <Entered sequence={sequence} onRise={onRise} />;
    case "settling":
      return <Settling sequence={sequence} onRise={onRise} />;
    case "granted":
      return <Won sequence={sequence} signal={signal} />;
    case "ended":
      return <Ended sequence={sequence} journey={journey} />;
  }
}

function Looking({ error, start }: { readonly error: FanfareErrorShape | null; readonly start: () => Promise<void> }) {
  useTitle(drawWords.title);
  if (error === null) {
    return (
      <button type="button" className="action" aria-disabled="true">
        {drawWords.looking}
      </button>
    );
  }
  return (
    <>
      <button type="button" className="action" onClick={() => void start()}>
        {drawWords.tryAgain}
      </button>
      <p className="note" role="alert">
        {drawWords.unreachable}
      </p>
    </>
  );
}

type Scene = "product" | "entered" | "settling" | "turn" | "ended";

function sceneOf(view: JourneyView | undefined): Scene {
  if (view?.journeyStage !== "routed") return "product";
  switch (view.sequence.phase) {
    case "participating":
      return "entered";
    case "settling":
      return "settling";
    case "granted":
      return "turn";
    case "ended":
      return "ended";
    default:
      return "product";
  }
}

// The button that had the focus goes away with its view; without this a keyboard would start again at the top of the page.
function useFocusKept(scene: Scene) {
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
