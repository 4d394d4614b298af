import { drawWords } from "./draw-words.ts";

/** A longer list is for `fanfare verify`, not for eyes. */
const most = 200;
const classDigits = [68, 70] as const;
const referenceDigits = 12;

interface RollProps {
  /** 70 hexadecimal digits each, by ticket. */
  readonly entries: readonly string[];
  readonly winners: readonly number[];
  /** This shopper's ticket. */
  readonly mine: number | null;
}

/** The sealed list as everyone sees it: who is behind an entry is known to its entrant alone. */
export function Roll({ entries, winners, mine }: RollProps) {
  const places = new Map(winners.map((ticket, index) => [ticket, index + 1]));
  return (
    <details>
      <summary>{drawWords.roll(entries.length)}</summary>
      {entries.length > most ? <p className="note">{drawWords.rollFirst(most)}</p> : null}
      {/* It scrolls, so a keyboard must be able to get there. */}
      <div className="roll" tabIndex={0} role="region" aria-label={drawWords.roll(entries.length)}>
        <table>
          <thead>
            <tr>
              <th scope="col">{drawWords.ticket}</th>
              <th scope="col">{drawWords.reference}</th>
              <th scope="col">{drawWords.outcome}</th>
            </tr>
          </thead>
          <tbody>
            {entries.slice(0, most).map((entry, index) => (
              <tr key={entry} data-yours={mine === index + 1 ? "" : undefined}>
                <td>
                  {index + 1}
                  {mine === index + 1 ? `, ${drawWords.yours}` : ""}
                </td>
                <td>{entry.slice(0, referenceDigits)}</td>
                <td>{outcomeOf(entry, places.get(index + 1))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

function outcomeOf(entry: string, place: number | undefined): string {
  if (entry.slice(...classDigits) !== "00") return drawWords.tookNoPart;
  return place === undefined ? drawWords.notDrawn : drawWords.drawnAs(place);
}
