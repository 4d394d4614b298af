import type { DrawRecords } from "@fanfare-io/fanfare-contract";
import type { JourneyContext } from "./journey-context.ts";
import type { Place } from "./state.ts";

/** What the views of one journey carry of their distributions: made once for each, so that it is the same object in every view. */
export function createRecords({ mechanisms, keepsakes, session, transport, authorized }: JourneyContext): (place: Place) => DrawRecords | undefined {
  const made = new Map<string, DrawRecords | undefined>();
  return ({ mechanism, distributionId }) => {
    const kept = async (): Promise<unknown> => {
      const owner = session()?.consumerId;
      return owner === undefined ? undefined : keepsakes.get(owner, distributionId);
    };
    const driver = mechanisms.driver(mechanism);
    if (!made.has(distributionId) && driver) made.set(distributionId, driver.records?.({ distributionId, transport, authorized, kept }));
    return made.get(distributionId);
  };
}
