import initFanfare, { type FanfareConfig, type FanfareSDK } from "@fanfare-io/fanfare-sdk-core";
import { createElement, type ReactElement, type ReactNode, useEffect, useState } from "react";
import { createFacade, type Facade } from "./facade/create-facade.ts";
import { FanfareContext } from "./fanfare-context.ts";

/** Every field of `FanfareConfig`, as a prop. */
export interface FanfareProviderProps extends FanfareConfig {
  readonly children?: ReactNode;
}

/** A component that gives the hooks below it their SDK. */
export type FanfareProviderComponent = (props: FanfareProviderProps) => ReactElement;

type Init = (config: FanfareConfig) => Promise<FanfareSDK>;

/** Creates a provider over a way to initialize the SDK, so that tests can watch every initialization. */
export function createFanfareProvider(init: Init): FanfareProviderComponent {
  return function FanfareProvider({ children, ...config }) {
    const facade = useFacadeOf(config, init);
    useEffect(() => facade.lifecycle.mount(), [facade]);
    return createElement(FanfareContext.Provider, { value: facade }, children);
  };
}

/**
 * These three say whose SDK it is, and a change makes a new one. The other fields are read when an SDK is made: an inline
 * `sync={{ … }}` is a new object in each render and must not throw the SDK away.
 */
function useFacadeOf(config: FanfareConfig, init: Init): Facade {
  const world = [config.organizationId, config.publishableKey, config.apiUrl].join();
  const [made, setMade] = useState<{ readonly world: string; readonly facade: Facade }>();
  if (made?.world === world) return made.facade;
  const facade = createFacade(config, init);
  setMade({ world, facade });
  return facade;
}

/**
 * Makes the SDK for everything below it: initializes after the first mount, destroys a task after unmounting.
 *
 * Renders nothing but its children, touches no storage while rendering, and creates no session by itself. Changing
 * `organizationId`, `publishableKey` or `apiUrl` makes a new SDK; the other props are read when one is made.
 */
export const FanfareProvider: FanfareProviderComponent = createFanfareProvider(initFanfare);
