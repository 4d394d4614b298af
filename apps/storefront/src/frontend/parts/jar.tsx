import drawing from "../../art/low-tide.svg?raw";
import { useEffect, useRef } from "react";

/** The piece. While someone waits, the tide on it falls with their way: `tide` is 1 when they join, 0 at their turn. */
export function Jar({ tide }: { readonly tide: number }) {
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => frame.current?.style.setProperty("--tide", tide.toFixed(3)), [tide]);
  // The drawing is a file of ours, never anyone's input.
  return <div ref={frame} className="wall-art" dangerouslySetInnerHTML={{ __html: drawing }} />;
}
