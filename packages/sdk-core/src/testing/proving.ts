import type { AuthenticatedSession, OtpChallenge } from "@fanfare-io/fanfare-contract";
import type { BoundWorld } from "./bound-world.ts";
import { letterCode } from "./known-consumers.ts";
import { within } from "./launch.ts";
import type { TestSdk } from "./launch.ts";

/** An address that nobody has proved yet. */
export const ann = { email: "ann@shop.example" };
/** One that tests settle somebody at. */
export const bob = { email: "bob@shop.example" };

/** Makes each tab's shopper a guest; whose, they share. */
export async function guestIn(w: BoundWorld, ...tabs: readonly TestSdk[]): Promise<string> {
  for (const { sdk } of tabs) await within(w.clock, 100, sdk.auth.guest());
  return tabs[0]!.sdk.auth.getSession()!.consumerId;
}
/** Asks for a code. */
export const asks = (w: BoundWorld, { sdk }: TestSdk, to = ann): Promise<OtpChallenge> => within(w.clock, 100, sdk.auth.requestOtp(to));
/** Types it. */
export const types = (w: BoundWorld, { sdk }: TestSdk, to = ann, code = letterCode): Promise<AuthenticatedSession> =>
  within(w.clock, 100, sdk.auth.verifyOtp({ ...to, code }));
/** Both. */
export async function prove(w: BoundWorld, tab: TestSdk, to = ann): Promise<AuthenticatedSession> {
  await asks(w, tab, to);
  return types(w, tab, to);
}
/** What a tab was told by this event, in order. */
export const told = ({ told: all }: TestSdk, event: string): unknown[] => all.filter((it) => it.event === event).map(({ payload }) => payload);
