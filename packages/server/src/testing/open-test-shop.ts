import type { CreatedOrganization } from "@fanfare-io/fanfare-contract";
import { startTestService } from "./start-test-service.ts";
import type { TestAnswer, TestService } from "./start-test-service.ts";

/** A service with one organization on it. */
export interface TestShop {
  readonly service: TestService;
  readonly shop: CreatedOrganization;
  /** Calls the admin plane with the organization's secret key. */
  admin(method: string, path: string, json?: unknown): Promise<TestAnswer>;
}

/** Starts the service and makes the organization; `service.stop` ends both. */
export async function openTestShop(): Promise<TestShop> {
  const service = await startTestService();
  const shop = await service.createOrganization();
  const headers = { Authorization: `Bearer ${shop.secretKey}` };
  return { service, shop, admin: (method, path, json) => service.ask("admin", method, path, { headers, ...(json === undefined ? {} : { json }) }) };
}
