import { useState } from "react";
import { useExperienceJourney } from "@fanfare-io/fanfare-sdk-react";
import type { FanfareErrorShape, JourneyView, SequenceView } from "@fanfare-io/fanfare-sdk-react";
import { Elsewhere } from "../parts/elsewhere.tsx";
import { Frame } from "../parts/frame.tsx";
import { Looking } from "../parts/looking.tsx";
import { createTurnSignal } from "../parts/turn-signal.ts";
import type { TurnSignal } from "../parts/turn-signal.ts";
import { useShop } from "../shop-context.tsx";
import { Gate } from "../views/gate.tsx";
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
  return (
    <Frame nav={<a href="/">{drawWords.toTheLine}</a>} scene={scene} wall={<Bowl rise={rise} />}>
      <Panel view={view} error={error} start={start} signal={signal} onRise={setRise} />
    </Frame>
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
      <PiecePanel records={error === null ? null : undefined}>
        <Looking hasFailed={error !== null} start={start} words={drawWords} />
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
      return sequence.turnElsewhere ? <Elsewhere words={drawWords} /> : <Entered sequence={sequence} onRise={onRise} />;
    case "settling":
      return sequence.turnElsewhere ? <Elsewhere words={drawWords} /> : <Settling sequence={sequence} onRise={onRise} />;
    case "granted":
      return <Won sequence={sequence} signal={signal} />;
    case "ended":
      return <Ended sequence={sequence} journey={journey} />;
  }
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
