import { createContext, useCallback, useContext, useMemo, useState } from "react";
import type { ReactNode } from "react";

/** Speaks to people who listen instead of looking. */
export interface Announcer {
  /** Waits for a pause in what is being read. */
  readonly politely: (text: string) => void;
  /** Interrupts; for the turn alone. */
  readonly now: (text: string) => void;
}

const AnnouncerContext = createContext<Announcer>({ politely: () => undefined, now: () => undefined });

/** Draws the live regions, empty at load so that assistive technology knows them before they speak. */
export function AnnouncerRegions({ children }: { readonly children: ReactNode }) {
  const [polite, setPolite] = useState("");
  const [urgent, setUrgent] = useState("");
  const politely = useCallback((text: string) => setPolite(text), []);
  const now = useCallback((text: string) => setUrgent(text), []);
  const announcer = useMemo(() => ({ politely, now }), [politely, now]);
  return (
    <AnnouncerContext.Provider value={announcer}>
      {children}
      <p className="unseen" role="status" aria-live="polite">
        {polite}
      </p>
      <p className="unseen" role="alert" aria-live="assertive">
        {urgent}
      </p>
    </AnnouncerContext.Provider>
  );
}

/** The announcer of this page. */
export function useAnnouncer(): Announcer {
  return useContext(AnnouncerContext);
}
