import { useRef, useState } from "react";
import { drawWords } from "./draw-words.ts";

/** The way out of the draw, behind a question that names what is lost. */
export function LeaveDraw({ leave }: { readonly leave: () => Promise<void> }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [isLeaving, setIsLeaving] = useState(false);
  const confirm = async (): Promise<void> => {
    setIsLeaving(true);
    // What went wrong is told by the journey; the entry stands then.
    await leave().catch(() => undefined);
    setIsLeaving(false);
    dialog.current?.close();
  };
  return (
    <>
      <button type="button" className="quiet" onClick={() => dialog.current?.showModal()}>
        {drawWords.leave}
      </button>
      <dialog ref={dialog} aria-labelledby="leave-title" aria-describedby="leave-loss">
        <h2 id="leave-title">{drawWords.leaveTitle}</h2>
        <p id="leave-loss">{drawWords.leaveLoss}</p>
        <div className="choices">
          <button type="button" className="action" onClick={() => dialog.current?.close()}>
            {drawWords.stay}
          </button>
          <button type="button" className="quiet" disabled={isLeaving} onClick={() => void confirm()}>
            {drawWords.leave}
          </button>
        </div>
      </dialog>
    </>
  );
}
