import { useState } from "react";
import { Apart } from "../known/apart.tsx";
import { Return } from "../known/return.tsx";
import { words } from "../words.ts";

/** The one button before the line. Joining is the shopper's own act: only now does the shop learn that they exist. */
export function Join({ sequence }: { readonly sequence: { enter(): Promise<void> } }) {
  const [state, setState] = useState<"idle" | "joining" | "failed">("idle");
  const join = async (): Promise<void> => {
    setState("joining");
    await sequence.enter().then(
      () => setState("idle"),
      () => setState("failed"),
    );
  };
  return (
    <>
      <Apart inLine={false} />
      <button type="button" className="action" aria-disabled={state === "joining"} onClick={() => void (state === "joining" || join())}>
        {state === "joining" ? words.joining : words.join}
      </button>
      <p className="note" role={state === "failed" ? "alert" : undefined}>
        {state === "failed" ? words.unreachable : words.joinNote}
      </p>
      <Return reason="place" />
    </>
  );
}
