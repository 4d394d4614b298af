/** The shop's time: a shopper's own clock may be wrong by a day. */
export interface ShopClock {
  /** Milliseconds since 1970, by the shop. */
  readonly now: () => number;
  /** Repeats a task; returns the way to stop. */
  readonly every: (milliseconds: number, task: () => void) => () => void;
}

/** Goes on from the time that the backend wrote into the page, by the device's clock. */
export function createShopClock(shopNow: number): ShopClock {
  const aheadBy = shopNow - arrivedAt();
  return Object.freeze<ShopClock>({
    now: () => Date.now() + aheadBy,
    every(milliseconds, task) {
      const timer = setInterval(task, milliseconds);
      return () => clearInterval(timer);
    },
  });
}

// The page was written when it began to arrive; on a slow phone its script runs seconds later.
function arrivedAt(): number {
  const [navigation] = performance.getEntriesByType("navigation");
  const start = navigation instanceof PerformanceNavigationTiming ? navigation.responseStart : 0;
  return start > 0 ? performance.timeOrigin + start : Date.now();
}
