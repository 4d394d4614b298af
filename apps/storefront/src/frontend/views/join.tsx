import { useState } from "react";
import { entryProblem } from "../entry-problem.ts";
import { Apart } from "../known/apart.tsx";
import { Return } from "../known/return.tsx";
import { words } from "../words.ts";

/** The one button before the line. Joining is the shopper's own act: only now does the shop learn that they exist. */
export function Join({ sequence }: { readonly sequence: { enter(): Promise<void> } }) {
  const [isJoining, setIsJoining] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const join = async (): Promise<void> => {
    setIsJoining(true);
    setProblem(null);
    await sequence.enter().catch((error: unknown) => setProblem(entryProblem(error, words.entry)));
    setIsJoining(false);
  };
  return (
    <>
      <Apart inLine={false} />
      <button type="button" className="action" aria-disabled={isJoining} onClick={() => void (isJoining || join())}>
        {isJoining ? words.joining : words.join}
      </button>
      <p className="note" role={problem === null ? undefined : "alert"}>
        {problem ?? words.joinNote}
      </p>
      <Return reason="place" />
    </>
  );
}
