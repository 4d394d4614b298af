import { useRef } from "react";
import { useFanfareAuth } from "@fanfare-io/fanfare-sdk-react";
import { knownWords } from "./known-words.ts";
import { Sheet } from "./sheet.tsx";

interface KeepProps {
  readonly reason: "place" | "entry";
  /** The place or entry as it stands now. */
  readonly standing: string;
}

/** The quiet offer to keep what a guest has on other devices too, and afterwards for whom it is kept. Its room stays the same. */
export function Keep({ reason, standing }: KeepProps) {
  const { isGuest, session } = useFanfareAuth();
  const dialog = useRef<HTMLDialogElement>(null);
  if (session === undefined) return null;
  const by = session.type === "authenticated" ? (session.email ?? session.phone) : undefined;
  return (
    <div className="keep">
      <p className="note">
        {isGuest ? (reason === "place" ? knownWords.offer : knownWords.offerEntry) : by === undefined ? knownWords.keptAnywhere : knownWords.kept(by)}
      </p>
      {isGuest ? (
        <button type="button" className="quiet" onClick={() => dialog.current?.showModal()}>
          {knownWords.open}
        </button>
      ) : null}
      <Sheet dialog={dialog} reason={reason} standing={standing} />
    </div>
  );
}
