/** The shop's time: a shopper's own clock may be wrong by a day. */
export interface ShopClock {
  /** Milliseconds since 1970, by the shop. */
  readonly now: () => number;
  /** Repeats a task; returns the way to stop. */
  readonly every: (milliseconds: number, task: () => void) => () => void;
}

/** Goes on from the time that the backend wrote into the page, by the device's clock. */
export function createShopClock(shopNow: number): ShopClock {
  const aheadBy = shopNow - Date.now();
  return Object.freeze<ShopClock>({
    now: () => Date.now() + aheadBy,
    every(milliseconds, task) {
      const timer = setInterval(task, milliseconds);
      return () => clearInterval(timer);
    },
  });
}
