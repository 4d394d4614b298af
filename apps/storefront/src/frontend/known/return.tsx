import { useRef } from "react";
import { useFanfareAuth } from "@fanfare-io/fanfare-sdk-react";
import { knownWords } from "./known-words.ts";
import { Sheet } from "./sheet.tsx";

/** For whoever comes back on another device: the way to the place or the entry that they have already. */
export function Return({ reason }: { readonly reason: "place" | "entry" }) {
  const { isAuthenticated, isGuest } = useFanfareAuth();
  const dialog = useRef<HTMLDialogElement>(null);
  const isKnown = isAuthenticated && !isGuest;
  const text = reason === "place" ? knownWords.returning : knownWords.returningEntry;
  return (
    <>
      {isKnown ? null : (
        <button type="button" className="quiet returning" onClick={() => dialog.current?.showModal()}>
          {text}
        </button>
      )}
      <Sheet dialog={dialog} reason="return" standing={knownWords.returningNote} />
    </>
  );
}
