import { createTestDevice } from "./device.ts";
import type { TestAnswer, TestService } from "./start-test-service.ts";

/** Somebody with a bound session, at an address of their own. */
export interface TestShopper {
  readonly consumerId: string;
  ask(method: "GET" | "POST" | "DELETE", path: string, json?: unknown): Promise<TestAnswer>;
}

/** What every browser sends along. */
const browser = { "User-Agent": "Mozilla/5.0", "Accept-Language": "en" };

/** Becomes a guest. The service has to trust one hop (`TRUST_PROXY=1`) for the address to count. */
export async function arriveFrom(service: TestService, publishableKey: string, address: string, guest: unknown = {}): Promise<TestShopper> {
  const device = await createTestDevice();
  async function ask(method: "GET" | "POST" | "DELETE", path: string, json: unknown, accessToken?: string): Promise<TestAnswer> {
    return service.ask("consumer", method, path, {
      headers: {
        ...browser,
        "X-Publishable-Key": publishableKey,
        "X-Forwarded-For": address,
        ...(await device.proof(method, `${service.consumerUrl}${path}`, accessToken === undefined ? {} : { accessToken })),
        ...(accessToken === undefined ? {} : { Authorization: `DPoP ${accessToken}` }),
      },
      ...(json === undefined ? {} : { json }),
    });
  }
  const { body } = await ask("POST", "/auth/guest", guest);
  return { consumerId: body.session.consumerId, ask: (method, path, json) => ask(method, path, json, body.accessToken) };
}
