/** Whether the page is seen, and when it comes back to life. */
export interface PageVisibility {
  isVisible(): boolean;
  /** Calls back when the page is shown, comes back online, or returns from the back-forward cache. */
  onWake(listener: () => void): () => void;
}

/** The visibility of this page; without a document (server, worker) it counts as visible and never wakes. */
export const pageVisibility: PageVisibility = Object.freeze<PageVisibility>({
  isVisible: () => typeof document !== "object" || document.visibilityState !== "hidden",
  onWake(listener) {
    if (typeof document !== "object" || typeof window !== "object") return () => {};
    const shown = (): void => {
      if (document.visibilityState !== "hidden") listener();
    };
    document.addEventListener("visibilitychange", shown);
    window.addEventListener("online", listener);
    window.addEventListener("pageshow", onPageShow);
    function onPageShow(event: PageTransitionEvent): void {
      // Without `persisted` this is the first load, which asks for everything anyway.
      if (event.persisted) listener();
    }
    return () => {
      document.removeEventListener("visibilitychange", shown);
      window.removeEventListener("online", listener);
      window.removeEventListener("pageshow", onPageShow);
    };
  },
});
