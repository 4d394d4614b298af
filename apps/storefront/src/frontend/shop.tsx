import { useCallback, useState } from "react";
import { useExperienceJourney } from "@fanfare-io/fanfare-sdk-react";
import type { FanfareErrorShape, JourneyView } from "@fanfare-io/fanfare-sdk-react";
import { Frame } from "./parts/frame.tsx";
import { Jar } from "./parts/jar.tsx";
import { Looking } from "./parts/looking.tsx";
import { createTurnSignal } from "./parts/turn-signal.ts";
import { useShop } from "./shop-context.tsx";
import { Ended } from "./views/ended.tsx";
import { Gate } from "./views/gate.tsx";
import { Join } from "./views/join.tsx";
import { Opening } from "./views/opening.tsx";
import { ProductPanel } from "./views/product-panel.tsx";
import { Turn } from "./views/turn.tsx";
import { TurnElsewhere } from "./views/turn-elsewhere.tsx";
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
  // The tide stands high when someone joins and is out at their turn; on every other page the jar is itself.
  const tide = scene === "waiting" ? 1 - progress : 0;
  const onProgress = useCallback((value: number) => setProgress(value), []);
  return (
    <Frame
      nav={settings.hasDraw ? <a href="/draw">{words.toTheDraw}</a> : null}
      scene={scene}
      step={view?.journeyStage === "gated" ? "gated" : scene}
      wall={<Jar tide={tide} />}
    >
      <Panel view={view} error={error} start={start} signal={signal} onProgress={onProgress} />
    </Frame>
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
        <Looking hasFailed={error !== null} start={start} words={words} />
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
      return sequence.turnElsewhere ? <TurnElsewhere sequence={sequence} /> : <Waiting sequence={sequence} signal={signal} onProgress={onProgress} />;
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

type Scene = "product" | "waiting" | "turn" | "ended";

function sceneOf(view: JourneyView | undefined): Scene {
  if (view?.journeyStage !== "routed") return "product";
  const { phase } = view.sequence;
  return phase === "participating" ? "waiting" : phase === "granted" ? "turn" : phase === "ended" ? "ended" : "product";
}
