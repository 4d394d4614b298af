import drawing from "../../art/first-light.svg?raw";
import { useEffect, useRef } from "react";

/** The piece. While the draw goes on its sun comes up: `rise` is 0 when entries open, 1 at the drawing. */
export function Bowl({ rise }: { readonly rise: number }) {
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => frame.current?.style.setProperty("--rise", rise.toFixed(3)), [rise]);
  // The drawing is a file of ours, never anyone's input.
  return <div ref={frame} className="wall-art" dangerouslySetInnerHTML={{ __html: drawing }} />;
}
