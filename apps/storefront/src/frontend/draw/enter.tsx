import { useState } from "react";
import { Countdown } from "./countdown.tsx";
import { entryProblem } from "../entry-problem.ts";
import { Return } from "../known/return.tsx";
import { drawWords } from "./draw-words.ts";

interface EnterProps {
  readonly sequence: { readonly closeAt: string | null; enter(): Promise<void> };
}

/** The one button before the draw. Entering is the shopper's own act: only now does the shop learn that they exist. */
export function Enter({ sequence }: EnterProps) {
  const [isEntering, setIsEntering] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const enter = async (): Promise<void> => {
    setIsEntering(true);
    setProblem(null);
    await sequence.enter().catch((error: unknown) => setProblem(entryProblem(error, drawWords.entry)));
    setIsEntering(false);
  };
  return (
    <>
      {sequence.closeAt === null ? null : <Countdown label={drawWords.closesIn} until={sequence.closeAt} />}
      <button type="button" className="action" aria-disabled={isEntering} onClick={() => void (isEntering || enter())}>
        {isEntering ? drawWords.entering : drawWords.enter}
      </button>
      <p className="note" role={problem === null ? undefined : "alert"}>
        {problem ?? drawWords.enterNote}
      </p>
      <Return reason="entry" />
    </>
  );
}
