import { useRef, useState } from "react";

interface LeaveDialogProps {
  readonly words: { readonly leave: string; readonly leaveTitle: string; readonly stay: string };
  /** What leaving costs, in a sentence. */
  readonly loss: string;
  readonly leave: () => Promise<void>;
}

/** The way out of a line or a draw, behind a question that names what is lost. */
export function LeaveDialog({ words, loss, leave }: LeaveDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [isLeaving, setIsLeaving] = useState(false);
  const confirm = async (): Promise<void> => {
    setIsLeaving(true);
    // What went wrong is told by the journey; the place or the entry stands then.
    await leave().catch(() => undefined);
    setIsLeaving(false);
    dialog.current?.close();
  };
  return (
    <>
      <button type="button" className="quiet leave" onClick={() => dialog.current?.showModal()}>
        {words.leave}
      </button>
      <dialog ref={dialog} aria-labelledby="leave-title" aria-describedby="leave-loss">
        <h2 id="leave-title">{words.leaveTitle}</h2>
        <p id="leave-loss">{loss}</p>
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
