import { useEffect, useRef, useState } from "react";
import type { Transcript } from "@fanfare-io/fanfare-draw-proof";
import { useFanfareAuth } from "@fanfare-io/fanfare-sdk-react";
import type { DrawRecords } from "@fanfare-io/fanfare-sdk-react";
import { saveFile } from "./save-file.ts";
import { checkWords, drawWords, noBeaconWords } from "./draw-words.ts";
import { Roll } from "./roll.tsx";
import { readApiUrl } from "../settings.ts";
import type { Checked, ToCheck } from "./run-check.ts";

type State = { readonly at: "idle" | "checking" | "failed" } | { readonly at: "done"; readonly checked: Checked };

/** The draw, recomputed in front of the shopper. Asks for what is public, and for the proof of their own entry. */
export function CheckIt({ records }: { readonly records: DrawRecords }) {
  const { session } = useFanfareAuth();
  return <CheckDraw records={records} consumerIds={[session?.consumerId, session?.guestId].filter((id) => id !== undefined)} />;
}

/** The button that recomputes a draw, and what it found. `consumerIds` = whose entry is looked for as well. */
export function CheckDraw({ records, consumerIds }: { readonly records: ToCheck; readonly consumerIds: readonly string[] }) {
  const [state, setState] = useState<State>({ at: "idle" });
  const heading = useRef<HTMLHeadingElement>(null);
  const isDone = state.at === "done";
  useEffect(() => {
    if (isDone) heading.current?.focus();
  }, [isDone]);
  const check = async (): Promise<void> => {
    setState({ at: "checking" });
    try {
      const { runCheck } = await import("./run-check.ts");
      setState({ at: "done", checked: await runCheck(records, consumerIds, readApiUrl()) });
    } catch {
      setState({ at: "failed" });
    }
  };
  if (state.at === "done") return <Found checked={state.checked} heading={heading} />;
  return (
    <section className="check" aria-labelledby="check-title">
      <h2 id="check-title">{drawWords.checkTitle}</h2>
      <p>{drawWords.checkLead}</p>
      <p>
        <button type="button" className="quiet" aria-disabled={state.at === "checking"} onClick={() => void (state.at === "checking" || check())}>
          {state.at === "checking" ? drawWords.checking : drawWords.checkButton}
        </button>
      </p>
      <p className="note" role="status">
        {state.at === "failed" ? drawWords.checkFailed : ""}
      </p>
    </section>
  );
}

function Found({ checked, heading }: { readonly checked: Checked; readonly heading: React.RefObject<HTMLHeadingElement | null> }) {
  const { holds, checks, entry, receipt, promisesBeacon, winners, entries, milliseconds, transcript } = checked;
  const drawId = (transcript as Partial<Transcript> | null)?.drawId ?? "";
  const verdict = holds === null ? drawWords.unsure : holds ? drawWords.holds : drawWords.holdsNot;
  return (
    <section className="check" aria-labelledby="check-title" data-holds={holds === null ? "unsure" : holds ? "yes" : "no"}>
      <h2 id="check-title" ref={heading} tabIndex={-1}>
        {verdict}
      </h2>
      <p>{drawWords.took(milliseconds)}</p>
      {entry === null && receipt === null ? <p className="note">{drawWords.mine.noProof}</p> : null}
      <ul className="found">
        {mine(checked).map(({ text, holds: point }) => (
          <Point key={text} text={text} holds={point} />
        ))}
        {checks.map(({ name, holds: point, detail }) => (
          <Point key={name} text={name === "beacon" && !promisesBeacon ? noBeaconWords : checkWords[name]} holds={point} detail={detail} />
        ))}
      </ul>
      <Roll entries={entries} winners={winners} mine={entry?.included ? entry.ticket : null} />
      <p className="ways">
        <button type="button" className="quiet" onClick={() => saveFile("transcript.json", transcript)}>
          {drawWords.saveTranscript}
        </button>
        <a href={`/draw/check/${drawId}`}>{drawWords.checkLink}</a>
      </p>
      <p className="note">{drawWords.saveNote}</p>
    </section>
  );
}

interface PointProps {
  readonly text: string;
  readonly holds: boolean | null;
  readonly detail?: string;
}

function Point({ text, holds, detail }: PointProps) {
  return (
    <li data-holds={holds === null ? "unsure" : holds ? "yes" : "no"}>
      <span className="mark" aria-hidden="true">
        {holds === null ? "–" : holds ? "✓" : "✕"}
      </span>
      <span>
        <strong>
          {text} <span className="unseen">: {holds === null ? drawWords.unknown : holds ? drawWords.yes : drawWords.no}</span>
        </strong>
        {detail ? <small>{detail}</small> : null}
      </span>
    </li>
  );
}

/** What was found about this shopper's own entry, in their words. */
function mine({ entry, receipt, signed }: Checked): readonly PointProps[] {
  const { mine: words } = drawWords;
  const signature: PointProps = { text: signed === false ? words.receiptUnsigned : words.receiptSigned, holds: signed };
  const kept: readonly PointProps[] = receipt === null ? [] : [{ text: receipt ? words.receipt : words.receiptBad, holds: receipt }];
  if (entry === null) return [...kept, signature];
  if (!entry.included) return [{ text: words.missing, holds: false }, ...kept, signature];
  const outcome = entry.outcome === "won" ? words.won : entry.outcome === "excluded" ? words.excluded : words.lost;
  return [
    { text: words.included(entry.ticket, entry.entries), holds: true },
    ...kept,
    signature,
    { text: outcome, holds: entry.agrees, ...(!entry.agrees && { detail: words.disagrees }) },
  ];
}
