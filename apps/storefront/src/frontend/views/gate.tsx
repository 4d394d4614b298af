import { useState } from "react";
import type { JourneyView } from "@fanfare-io/fanfare-sdk-react";
import { Prove } from "../known/prove.tsx";
import { words } from "../words.ts";

type GatedView = Extract<JourneyView, { journeyStage: "gated" }>;

/** What the line asks for before it lets anyone in. */
export function Gate({ view }: { readonly view: GatedView }) {
  const gate = view.gates[0];
  if (gate?.type === "access_code") return <AccessCode submit={(accessCode) => view.reroute({ accessCode })} />;
  // This page makes guests by itself: whoever stands before this gate is asked for more than that.
  if (gate?.type === "authentication") return <Prove need={gate.reason} />;
  return <p className="note">{words.personCheck}</p>;
}

function AccessCode({ submit }: { readonly submit: (code: string) => Promise<void> }) {
  const [isWrong, setIsWrong] = useState(false);
  const send = async (form: FormData): Promise<void> => {
    const code = form.get("code");
    setIsWrong(false);
    if (typeof code === "string" && code.trim() !== "") await submit(code.trim()).catch(() => undefined);
    // Still here: the code did not open anything, else this form would be gone.
    setIsWrong(true);
  };
  return (
    <form action={send} className="code">
      <label htmlFor="code">{words.codeLabel}</label>
      <input id="code" name="code" autoComplete="off" autoCapitalize="characters" spellCheck={false} required maxLength={120} aria-describedby="code-note" />
      <button type="submit" className="action">
        {words.codeSend}
      </button>
      <p className="note" id="code-note" role={isWrong ? "alert" : undefined}>
        {isWrong ? words.codeWrong : words.codeNote}
      </p>
    </form>
  );
}
