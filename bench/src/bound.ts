import type { TokenResponse } from "@fanfare-io/fanfare-contract";
import type { LoadRequest } from "./load.ts";
import { createLoadDevice, currentNonce } from "./proofs.ts";
import type { ServiceSubject } from "./subject.ts";

const atOnce = 64;
const keyed = ({ launch }: ServiceSubject): Record<string, string> => ({ "x-publishable-key": launch.publishableKey, "content-type": "application/json" });

/** So many creations of guests, each with a proof of a new key. To be sent soon: the nonce in them is good for some minutes. */
export async function boundGuests(service: ServiceSubject, amount: number): Promise<readonly LoadRequest[]> {
  const nonce = await currentNonce(service.url);
  return Array.from({ length: amount }, () => {
    const dpop = createLoadDevice().proof("POST", `${service.url}/auth/guest`, nonce);
    return { method: "POST", path: "/api/auth/guest", headers: { ...keyed(service), dpop }, body: "{}" };
  });
}

/** So many joins of as many new consumers, each with a proof of its own key. The consumers are made here, because answers of a load come in any order. `addressOf`: where the next of them comes from. */
export async function boundJoins(service: ServiceSubject, amount: number, addressOf: () => string): Promise<readonly LoadRequest[]> {
  const nonce = await currentNonce(service.url);
  const path = `/queues/${service.launch.queueId}/enter`;
  const requests: LoadRequest[] = [];
  const makeNext = async (): Promise<void> => {
    const device = createLoadDevice();
    const headers = { ...keyed(service), "x-forwarded-for": addressOf(), dpop: device.proof("POST", `${service.url}/auth/guest`, nonce) };
    const answer = await fetch(`${service.url}/auth/guest`, { method: "POST", headers, body: "{}" });
    const { accessToken } = (await answer.json()) as TokenResponse;
    const dpop = device.proof("POST", `${service.url}${path}`, nonce, accessToken);
    requests.push({
      method: "POST",
      path: `/api${path}`,
      headers: { "x-publishable-key": service.launch.publishableKey, authorization: `DPoP ${accessToken}`, dpop },
    });
  };
  let begun = 0;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (begun++ < amount) await makeNext();
    }),
  );
  return requests;
}
