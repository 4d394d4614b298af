import { useRef, useState } from "react";
import { words } from "../words.ts";

/** The way out of the line, behind a question that names what is lost. */
export function LeaveDialog({ position, leave }: { readonly position: number | null; readonly leave: () => Promise<void> }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [isLeaving, setIsLeaving] = useState(false);
  const confirm = async (): Promise<void> => {
    setIsLeaving(true);
    // What went wrong is told by the journey; the line keeps the place then.
    await leave().catch(() => undefined);
    setIsLeaving(false);
    dialog.current?.close();
  };
  return (
    <>
      <button type="button" className="quiet" onClick={() => dialog.current?.showModal()}>
        {words.leave}
      </button>
      <dialog ref={dialog} aria-labelledby="leave-title" aria-describedby="leave-loss">
        <h2 id="leave-title">{words.leaveTitle}</h2>
        <p id="leave-loss">{words.leaveLoss(position)}</p>
        <div className="choices">
          <button type="button" className="action" onClick={() => dialog.current?.close()}>
            {words.stay}
          </button>
          <button type="button" className="quiet" disabled={isLeaving} onClick={() => void confirm()}>
            {words.leave}
          </button>
        </div>
      </dialog>
    </>
  );
}
