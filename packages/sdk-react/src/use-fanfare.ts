import type { FanfareSDK } from "@fanfare-io/fanfare-sdk-core";
import { useFacade } from "./fanfare-context.ts";

/**
 * The SDK, usable from the first render on and the same object in every render: `on` registers at once, asynchronous
 * calls wait until the SDK is initialized and the stored session restored.
 *
 * Throws `MISSING_PROVIDER` outside a `<FanfareProvider>`.
 */
export function useFanfare(): FanfareSDK {
  return useFacade("useFanfare").sdk;
}
