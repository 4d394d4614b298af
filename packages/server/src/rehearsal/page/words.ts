/** Text that cannot become markup. */
export function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/** A count with its thousands apart. */
export function whole(value: number): string {
  return Math.round(value).toLocaleString("en");
}

/** Seconds as people say them. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${Math.round(seconds * 10) / 10} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)} min${seconds % 60 >= 1 ? ` ${Math.floor(seconds % 60)} s` : ""}`;
  return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`;
}

/** An instant of the rehearsal on an axis: minutes and seconds. */
export function clockTime(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  if (minutes >= 60) return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${String(Math.round(seconds % 60)).padStart(2, "0")}`;
  return `${minutes}:${String(Math.round(seconds % 60)).padStart(2, "0")}`;
}

/** A share as a percentage; a dash where there is none. */
export function percent(share: number | null): string {
  return share === null ? "–" : `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}

/** Milliseconds of an answer. */
export function millis(value: number): string {
  return value >= 1_000 ? `${(value / 1_000).toFixed(1)} s` : `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}
