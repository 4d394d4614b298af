import { useEffect, useState } from "react";
import type { DrawRecords, PublicDraw } from "@fanfare-io/fanfare-sdk-react";

const askAgainMs = 10_000;

/** The draw as everyone sees it, asked for now and then while the page shows it; null until the first answer. */
export function useFacts(records: DrawRecords): PublicDraw | null {
  const [facts, setFacts] = useState<PublicDraw | null>(null);
  useEffect(() => {
    let isShown = true;
    const ask = (): void => {
      if (document.hidden) return;
      void records.facts().then(
        (told) => {
          if (isShown) setFacts(told);
        },
        // The last facts stay on the page; the next round asks again.
        () => undefined,
      );
    };
    ask();
    const again = setInterval(ask, askAgainMs);
    return () => {
      isShown = false;
      clearInterval(again);
    };
  }, [records]);
  return facts;
}
