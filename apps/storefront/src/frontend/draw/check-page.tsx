import { useEffect, useId, useState } from "react";
import type { PublicDraw } from "@fanfare-io/fanfare-sdk-react";
import { useTitle } from "../hooks.ts";
import { Frame } from "../parts/frame.tsx";
import { Looking } from "../parts/looking.tsx";
import { useShop } from "../shop-context.tsx";
import { readApiUrl } from "../settings.ts";
import { dayAndTime } from "../times.ts";
import { Bowl } from "./bowl.tsx";
import { CheckDraw } from "./check-it.tsx";
import { drawWords } from "./draw-words.ts";
import { askPublic, NoSuchDraw } from "./public-records.ts";
import { TermList } from "./terms.tsx";
import type { Terms } from "./terms.tsx";

type Told = PublicDraw | "none" | "unreachable" | null;

const askAgainMs = 5_000;

/** A draw that anybody may check who has the link: no session, no entry, and nothing asked but what is public. */
export function CheckPage({ drawId }: { readonly drawId: string }) {
  const { settings, clock } = useShop();
  const [told, setTold] = useState<Told>(null);
  const [turn, setTurn] = useState(0);
  useTitle(`${drawWords.checkHeading} · ${drawWords.title}`);
  useEffect(() => {
    const stopping = new AbortController();
    askPublic<PublicDraw>(readApiUrl(), settings.publishableKey, `/draws/${drawId}`, stopping.signal).then(setTold, (error: unknown) => {
      if (stopping.signal.aborted) return;
      // What was told once stays on the page; the next round asks again.
      setTold((before) => (isTold(before) ? before : error instanceof NoSuchDraw ? "none" : "unreachable"));
    });
    return () => stopping.abort();
  }, [drawId, settings.publishableKey, turn]);
  const isPending = isTold(told) && told.state !== "drawn" && told.state !== "cancelled";
  useEffect(() => (isPending ? clock.every(askAgainMs, () => setTurn((before) => before + 1)) : undefined), [isPending, clock]);
  const again = async (): Promise<void> => {
    setTold(null);
    setTurn((before) => before + 1);
  };
  return (
    <Frame nav={settings.hasDraw ? <a href="/draw">{drawWords.toTheDraw}</a> : null} scene="check" wall={<Bowl rise={1} />}>
      <h1 tabIndex={-1}>{drawWords.checkHeading}</h1>
      <p className="lead">{drawWords.checkIntro}</p>
      {told === null || told === "unreachable" ? (
        <div className="doing">
          <Looking hasFailed={told !== null} start={again} words={drawWords} />
        </div>
      ) : told === "none" ? (
        <p role="alert">{drawWords.checkNone}</p>
      ) : (
        <Public draw={told} publishableKey={settings.publishableKey} />
      )}
    </Frame>
  );
}

const isTold = (told: Told): told is PublicDraw => typeof told === "object" && told !== null;

function Public({ draw, publishableKey }: { readonly draw: PublicDraw; readonly publishableKey: string }) {
  const { clock } = useShop();
  const [receipt, setReceipt] = useState<unknown>(null);
  const terms: Terms = [
    [drawWords.idTerm, draw.id],
    [drawWords.pieces, drawWords.among(draw.winnerCount, draw.entrants)],
    [drawWords.drawn, dayAndTime(Date.parse(draw.drawnAt ?? draw.drawAt), clock.now())],
    [drawWords.hashTerm, draw.commitment?.hash ?? ""],
    [drawWords.rootTerm, draw.root ?? drawWords.rootNone],
  ];
  const records = {
    transcript: () => askPublic(readApiUrl(), publishableKey, `/draws/${draw.id}/transcript`),
    proof: () => Promise.resolve(null),
    receipt: () => Promise.resolve(receipt),
  };
  return (
    <>
      <TermList terms={terms} label={drawWords.stated} hasHashes />
      {draw.state === "drawn" ? (
        <>
          <ReceiptFile onReceipt={setReceipt} />
          {/* Another receipt is another check. */}
          <CheckDraw key={JSON.stringify(receipt)} records={records} consumerIds={[]} />
        </>
      ) : (
        <div className="check">
          <h2>{draw.state === "cancelled" ? drawWords.cancelled : drawWords.notYet}</h2>
          <p>{draw.state === "cancelled" ? drawWords.checkCancelled : drawWords.checkNotYet}</p>
        </div>
      )}
    </>
  );
}

function ReceiptFile({ onReceipt }: { readonly onReceipt: (receipt: unknown) => void }) {
  const id = useId();
  const [isBroken, setIsBroken] = useState(false);
  const read = async (file: File | undefined): Promise<void> => {
    const receipt: unknown =
      file === undefined
        ? null
        : await file
            .text()
            .then(JSON.parse)
            .catch(() => undefined);
    const isReceipt = receipt === null || (typeof receipt === "object" && "batch" in receipt);
    setIsBroken(!isReceipt);
    onReceipt(isReceipt ? receipt : null);
  };
  return (
    <div className="receipt-file">
      <label htmlFor={id}>{drawWords.checkReceipt}</label>
      <input id={id} type="file" accept="application/json,.json" aria-describedby={`${id}-note`} onChange={(event) => void read(event.target.files?.[0])} />
      <p className="note" id={`${id}-note`} role="status">
        {isBroken ? drawWords.checkReceiptNot : drawWords.checkReceiptNote}
      </p>
    </div>
  );
}
