import { useRef } from "react";
import { knownWords } from "./known-words.ts";
import { Sheet } from "./sheet.tsx";

/** The one button before a way in that asks who somebody is; the journey goes on by itself once it is known. */
export function Prove({ need }: { readonly need: string }) {
  const dialog = useRef<HTMLDialogElement>(null);
  return (
    <>
      <button type="button" className="action" onClick={() => dialog.current?.showModal()}>
        {knownWords.prove}
      </button>
      <p className="note">{need}</p>
      <Sheet dialog={dialog} reason="gate" standing={need} />
    </>
  );
}
