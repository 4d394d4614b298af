import type { ReactNode } from "react";
import type { DrawRecords } from "@fanfare-io/fanfare-sdk-react";
import { drawPiece, formatMoney } from "../../product.ts";
import { useTitle } from "../hooks.ts";
import { useShop } from "../shop-context.tsx";
import { clockTime, dayAndTime } from "../times.ts";
import { words } from "../words.ts";
import { drawWords } from "./draw-words.ts";
import { TermList } from "./terms.tsx";
import type { Terms } from "./terms.tsx";
import { useFacts } from "./use-facts.ts";

/** The bowl in words, in `children` what may be done about it now, and with `records` what is announced of its draw; null while they are looked for. */
export function PiecePanel({ children, records }: { readonly children: ReactNode; readonly records?: DrawRecords | null | undefined }) {
  useTitle(drawWords.title);
  return (
    <>
      <p className="eyebrow">{drawPiece.kind}</p>
      <h1 tabIndex={-1}>{drawPiece.name}</h1>
      <p className="lead">{drawPiece.story}</p>
      <p className="price">
        <strong>{formatMoney(drawPiece.price, drawPiece.currency)}</strong> <span>{words.delivery}</span> <span>{drawWords.byDraw(null)}</span>
      </p>
      <div className="doing">{children}</div>
      {records === null ? <TermList terms={stillUnread} label={drawWords.announced} /> : records ? <Announced records={records} /> : null}
    </>
  );
}

// They take their room before they are read, so that nothing moves when they are.
const stillUnread: Terms = [drawWords.pieces, drawWords.drawn, drawWords.fixed].map((term) => [term, "\u00a0"] as const);

/** The terms, as they were published before anybody could enter. */
function Announced({ records }: { readonly records: DrawRecords }) {
  const facts = useFacts(records);
  const { clock } = useShop();
  const terms: Terms =
    facts === null
      ? stillUnread
      : [
          [drawWords.pieces, drawWords.among(facts.winnerCount, facts.entrants)],
          ...(facts.weighting.rule === "equal" ? [] : [[drawWords.chances, drawWords.weighted] as const]),
          [drawWords.drawn, dayAndTime(Date.parse(facts.drawAt), clock.now())],
          ...(facts.commitment === null ? [] : [[drawWords.fixed, drawWords.fixedAt(clockTime(Date.parse(facts.commitment.committedAt)))] as const]),
        ];
  return <TermList terms={terms} label={drawWords.announced} />;
}
