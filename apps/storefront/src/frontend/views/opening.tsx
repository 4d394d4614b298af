import { useEffect } from "react";
import { useNow } from "../hooks.ts";
import { countDown, dayAndTime } from "../times.ts";
import { words } from "../words.ts";

const dayMs = 86_400_000;
const askAgainMs = 5_000;
// Everybody's countdown ends at once: asking is spread over a moment.
const spreadMs = 2_000;

/** The time until the line opens; then it asks for the way in. */
export function Opening({ startsAt, journey }: { readonly startsAt: string; readonly journey: { reroute(): Promise<void> } }) {
  const opensAt = Date.parse(startsAt);
  const now = useNow();
  const left = opensAt - now;
  const isOpening = left <= 0;
  useEffect(() => {
    if (!isOpening) return undefined;
    // The journey tells what goes wrong; the next round asks again.
    const ask = (): void => void journey.reroute().catch(() => undefined);
    const first = setTimeout(ask, Math.random() * spreadMs);
    const again = setInterval(ask, askAgainMs);
    return () => {
      clearTimeout(first);
      clearInterval(again);
    };
  }, [isOpening, journey]);
  const days = Math.floor(left / dayMs);
  return (
    <>
      <p className="label">{isOpening ? words.opening : words.notOpen}</p>
      <p className="fact" role="timer">
        {days > 0 ? <span className="days">{days} d </span> : null}
        {countDown(isOpening ? 0 : left - days * dayMs)}
      </p>
      <p className="note">{words.opensAt(dayAndTime(opensAt, now))}</p>
    </>
  );
}
