import { useEffect, useRef } from "react";
import type { QueueDisplay } from "@fanfare-io/fanfare-sdk-react";
import { placeText } from "../place.ts";
import { useShop } from "../shop-context.tsx";
import { range } from "../times.ts";
import { words } from "../words.ts";
import { useAnnouncer } from "./announcer.tsx";

const everyMs = 30_000;
const everyProgress = 0.1;

/** Says the place at most every 30 seconds or every tenth of the way, and only when it changed. */
export function usePlaceAnnouncements(display: QueueDisplay): void {
  const { clock } = useShop();
  const { politely } = useAnnouncer();
  const last = useRef({ text: "", at: Number.NEGATIVE_INFINITY, progress: 0 });
  useEffect(() => {
    const place = placeText(display, words.next);
    const estimate = display.estimatedWaitSeconds === null ? "" : `${words.estimateLabel} ${range(display.estimatedWaitSeconds)}.`;
    const text = words.announcePlace(place, estimate);
    const isDue = clock.now() - last.current.at >= everyMs || display.progress - last.current.progress >= everyProgress;
    if (!isDue || text === last.current.text) return;
    last.current = { text, at: clock.now(), progress: display.progress };
    politely(text);
  }, [clock, display, politely]);
}
