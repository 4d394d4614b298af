import { FanfareError } from "@fanfare-io/fanfare-sdk-core";
import { type Context, createContext, useContext } from "react";
import type { Facade } from "./facade/create-facade.ts";

/** How the provider reaches the hooks below it. */
export const FanfareContext: Context<Facade | null> = createContext<Facade | null>(null);

/** The facade of the nearest provider. Throws `MISSING_PROVIDER`, naming the hook that was called and the fix. */
export function useFacade(hook: string): Facade {
  const facade = useContext(FanfareContext);
  if (facade === null) {
    throw new FanfareError("MISSING_PROVIDER", `${hook}() needs a <FanfareProvider> above it.`);
  }
  return facade;
}
