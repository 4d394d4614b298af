import { useEffect, useRef } from "react";
import type { RefObject } from "react";
import { useFanfareAuth } from "@fanfare-io/fanfare-sdk-react";
import { AddressStep } from "./address-step.tsx";
import { CodeStep } from "./code-step.tsx";
import { knownWords } from "./known-words.ts";
import { useProving } from "./use-proving.ts";
import type { Proving } from "./use-proving.ts";

/** What the sheet is for: to keep a place in line or an entry of a draw, to pass a gate, or to find what one has on another device. */
export type Reason = "place" | "entry" | "gate" | "return";

export interface SheetProps {
  readonly dialog: RefObject<HTMLDialogElement | null>;
  readonly reason: Reason;
  /** What stays as it is meanwhile, in a sentence; for a gate, what it asks for. */
  readonly standing: string;
}

const titles: Readonly<Record<Reason, string>> = {
  place: knownWords.title,
  entry: knownWords.titleEntry,
  gate: knownWords.titleGate,
  return: knownWords.titleReturn,
};

/**
 * The sheet to say who one is, from the bottom edge on a phone. The browser's own modal dialog keeps the focus in it and gives it back;
 * each step puts the focus where it goes on.
 */
export function Sheet({ dialog, reason, standing }: SheetProps) {
  const proving = useProving();
  const { step } = proving.at;
  const heading = useRef<HTMLHeadingElement>(null);
  const shown = useRef(step);
  useEffect(() => {
    if (shown.current === step) return;
    shown.current = step;
    // The code's own field takes the focus; the other steps are read from their heading.
    if (step !== "code" && dialog.current?.open === true) heading.current?.focus();
  }, [step, dialog]);
  const title =
    step === "code" ? knownWords.codeTitle : step === "conflict" ? knownWords.conflictTitle : step === "done" ? knownWords.doneTitle : titles[reason];
  const close = (): void => dialog.current?.close();
  return (
    <dialog
      ref={dialog}
      className="sheet"
      aria-labelledby="known-title"
      aria-describedby={step === "done" ? undefined : "known-standing"}
      data-step={step}
      onClose={focusKept}
    >
      <h2 id="known-title" ref={heading} tabIndex={-1}>
        {title}
      </h2>
      {step === "done" ? null : (
        <p id="known-standing" className="standing">
          {standing}
        </p>
      )}
      <Step proving={proving} close={close} />
      {step === "done" ? null : (
        <button type="button" className="quiet close" onClick={close}>
          {knownWords.close}
        </button>
      )}
    </dialog>
  );
}

// The button that opened it may be gone by then, since it is for guests; the focus still stands in the closed sheet, and would fall to the page's top.
function focusKept({ currentTarget }: { readonly currentTarget: HTMLElement }): void {
  const { activeElement } = document;
  if (activeElement === null || activeElement === document.body || currentTarget.contains(activeElement))
    document.querySelector<HTMLElement>("main h1[tabindex]")?.focus();
}

function Step({ proving, close }: { readonly proving: Proving; readonly close: () => void }) {
  const { at } = proving;
  const { session } = useFanfareAuth();
  switch (at.step) {
    case "address":
      return <AddressStep proving={proving} byPhone />;
    case "code":
      return <CodeStep key={at.to.value} proving={proving} at={at} />;
    case "conflict":
      return (
        <div className="proving">
          <p role="alert">{knownWords.conflictText}</p>
          <div className="choices">
            <button type="button" className="action" onClick={proving.back}>
              {knownWords.other}
            </button>
          </div>
        </div>
      );
    case "done": {
      const by = session?.type === "authenticated" ? (session.email ?? session.phone) : undefined;
      return (
        <div className="proving">
          <p>{by === undefined ? knownWords.doneAnywhere : knownWords.doneText(by)}</p>
          {at.outcome === "merged" ? <p>{knownWords.mergedText}</p> : null}
          <div className="choices">
            <button type="button" className="action" onClick={close}>
              {knownWords.done}
            </button>
          </div>
        </div>
      );
    }
  }
}
