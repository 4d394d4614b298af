import { createContext, useContext } from "react";
import type { Settings } from "./settings.ts";
import type { ShopClock } from "./shop-clock.ts";

/** What every view of the shop may ask for. */
export interface ShopFacts {
  readonly settings: Settings;
  readonly clock: ShopClock;
}

const ShopContext = createContext<ShopFacts | null>(null);

/** Gives the views below the shop's facts. */
export const ShopFactsProvider = ShopContext.Provider;

/** The shop's facts. */
export function useShop(): ShopFacts {
  const facts = useContext(ShopContext);
  if (facts === null) throw new Error("Draw this view inside <ShopFactsProvider>.");
  return facts;
}
