import type { TokenResponse } from "@fanfare-io/fanfare-contract";
import { createLoadDevice, currentNonce } from "./proofs.ts";
import type { LoadDevice } from "./proofs.ts";
import type { ServiceSubject } from "./subject.ts";

/** A guest whose session is bound to a key. */
export interface BoundGuest {
  readonly device: LoadDevice;
  readonly accessToken: string;
}

const atOnce = 64;

/** Makes guests with a key each, for a load that proves it. `addressOf` names where the next request comes from. */
export async function makeBoundGuests({ url, launch }: ServiceSubject, count: number, addressOf: () => string): Promise<readonly BoundGuest[]> {
  const nonce = await currentNonce(url);
  const guests: BoundGuest[] = [];
  const make = async (): Promise<void> => {
    const device = createLoadDevice();
    const headers = {
      "x-publishable-key": launch.publishableKey,
      "content-type": "application/json",
      "x-forwarded-for": addressOf(),
      dpop: device.proof("POST", `${url}/auth/guest`, nonce),
    };
    const answer = await fetch(`${url}/auth/guest`, { method: "POST", headers, body: "{}" });
    if (!answer.ok) throw new Error(`A bound guest was answered ${answer.status}: ${await answer.text()}`);
    guests.push({ device, accessToken: ((await answer.json()) as TokenResponse).accessToken });
  };
  while (guests.length < count) await Promise.all(Array.from({ length: Math.min(atOnce, count - guests.length) }, make));
  return guests;
}
