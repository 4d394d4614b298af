import { useNow } from "../hooks.ts";
import { countDown } from "../times.ts";

const dayMs = 86_400_000;

/** The time until an instant, as the one fact of a page. */
export function Countdown({ label, until, heading = false }: { readonly label: string; readonly until: string | null; readonly heading?: boolean }) {
  const now = useNow();
  const left = until === null ? 0 : Math.max(0, Date.parse(until) - now);
  const days = Math.floor(left / dayMs);
  const time = (
    <>
      <span className="label">{label}</span>{" "}
      <span className="fact" role="timer">
        {days > 0 ? <span className="days">{days} d </span> : null}
        {countDown(left - days * dayMs)}
      </span>
    </>
  );
  return heading ? (
    <h1 className="draw-fact" tabIndex={-1}>
      {time}
    </h1>
  ) : (
    <p className="draw-fact">{time}</p>
  );
}
