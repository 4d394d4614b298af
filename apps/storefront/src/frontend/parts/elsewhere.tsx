import { useEffect } from "react";
import type { ReactNode } from "react";
import { useTitle } from "../hooks.ts";
import { useAnnouncer } from "./announcer.tsx";

/** The words of a turn that belongs to another device of whoever looks at this page. */
export interface ElsewhereWords {
  readonly elsewhere: string;
  readonly elsewhereText: string;
  readonly elsewhereNote: string;
}

/** It is somebody's turn, and not here: where it is, and what to do if they cannot get there. */
export function Elsewhere({ words, children }: { readonly words: ElsewhereWords; readonly children?: ReactNode }) {
  const { now } = useAnnouncer();
  useTitle(words.elsewhere);
  useEffect(() => now(`${words.elsewhere}. ${words.elsewhereText}`), [now, words]);
  return (
    <>
      <h1 tabIndex={-1}>{words.elsewhere}</h1>
      <p className="going-on">{words.elsewhereText}</p>
      <div className="doing waiting">
        <p className="note">{words.elsewhereNote}</p>
        {children}
      </div>
    </>
  );
}
