import { useState } from "react";
import { Countdown } from "./countdown.tsx";
import { Return } from "../known/return.tsx";
import { drawWords } from "./draw-words.ts";

interface EnterProps {
  readonly sequence: { readonly closeAt: string | null; enter(): Promise<void> };
}

/** The one button before the draw. Entering is the shopper's own act: only now does the shop learn that they exist. */
export function Enter({ sequence }: EnterProps) {
  const [state, setState] = useState<"idle" | "entering" | "failed">("idle");
  const enter = async (): Promise<void> => {
    setState("entering");
    await sequence.enter().then(
      () => setState("idle"),
      () => setState("failed"),
    );
  };
  return (
    <>
      {sequence.closeAt === null ? null : <Countdown label={drawWords.closesIn} until={sequence.closeAt} />}
      <button type="button" className="action" aria-disabled={state === "entering"} onClick={() => void (state === "entering" || enter())}>
        {state === "entering" ? drawWords.entering : drawWords.enter}
      </button>
      <p className="note" role={state === "failed" ? "alert" : undefined}>
        {state === "failed" ? drawWords.unreachable : drawWords.enterNote}
      </p>
      <Return reason="entry" />
    </>
  );
}
