/** Whether the page is seen, and when it comes back to life. */
export interface PageVisibility {
  isVisible(): boolean;
  /** Calls back when the page is shown, thawed, comes back online, or returns from the back-forward cache. */
  onWake(listener: () => void): () => void;
}

/** The visibility of this page; without a document (server, worker) it counts as visible and never wakes. */
export const pageVisibility: PageVisibility = Object.freeze<PageVisibility>({
  isVisible: () => typeof document !== "object" || document.visibilityState !== "hidden",
  onWake(listener) {
    if (typeof document !== "object" || typeof window !== "object") return () => {};
    const hear = (event: Event): void => {
      // Not persisted is the first load, which asks for everything anyway.
      const isFirst = event.type === "pageshow" && !(event as PageTransitionEvent).persisted;
      if (!isFirst && !(event.type === "visibilitychange" && document.visibilityState === "hidden")) listener();
    };
    // On their way down all of them pass the window, the document's own too, which do not all come up again.
    for (const type of wakers) window.addEventListener(type, hear, true);
    return () => {
      for (const type of wakers) window.removeEventListener(type, hear, true);
    };
  },
});

/** Shown again, thawed, shown after it was rendered ahead of time; back online, back from the back-forward cache. */
const wakers = ["visibilitychange", "resume", "prerenderingchange", "online", "pageshow"];
