import type { EarlyPlaces } from "../domain/early-order.ts";
import { createLine } from "../domain/line.ts";
import type { Line } from "../domain/line.ts";
import { createPresence } from "../domain/presence.ts";
import type { Presence } from "../domain/presence.ts";

// So few that taking them over is no pause that anybody notices.
const atOnce = 2_048;

/**
 * A line and its presence once more, with early arrivals in their drawn order. The old ones go on serving meanwhile; who joins them until
 * the change is read again from the database, because it stands behind all who are drawn. `breathe` is awaited now and then.
 */
export async function reorder(
  from: Line,
  seen: Presence,
  places: EarlyPlaces,
  breathe: () => Promise<void>,
): Promise<{ readonly line: Line; readonly presence: Presence }> {
  const line = createLine();
  const presence = createPresence(seen.knownSince);
  const upTo = from.followedTo();
  for (let ticket = 1; ticket <= upTo; ticket++) {
    const place = places.placeOf(ticket);
    const known = from.at(ticket);
    if (known === "gone") line.depart([place]);
    else if (known !== null) {
      line.joinWords(place, known.consumer, ticket <= places.early ? place - 1 : known.aheadAtEntry);
      presence.adopt(place, seen, ticket);
    }
    if (ticket % atOnce === 0) await breathe();
  }
  line.followTo(Math.max(places.early, upTo));
  return { line, presence };
}
