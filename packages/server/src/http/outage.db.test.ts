import type { CreatedOrganization } from "@fanfare-io/fanfare-contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestService } from "../testing/start-test-service.ts";
import type { TestService } from "../testing/start-test-service.ts";

let service: TestService;
let shop: CreatedOrganization;
beforeAll(async () => {
  service = await startTestService();
  shop = await service.createOrganization();
});
afterAll(() => service.stop());

const guest = () => service.ask("consumer", "POST", "/auth/guest", { headers: { "X-Publishable-Key": shop.publishableKey } });
const experience = (index: number) =>
  service.ask("admin", "POST", "/experiences", {
    headers: { Authorization: `Bearer ${shop.secretKey}` },
    json: { name: `Launch ${index}`, sequence: { name: "S" } },
  });

test("connections that the server cuts under load cost nobody a wrong answer, and the service goes on", async () => {
  if (service.db.profile !== "postgres") return;
  const cut = () => service.db.run("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()", []);
  for (let round = 0; round < 10; round++) {
    const answers = Promise.all([...Array.from({ length: 40 }, guest), ...Array.from({ length: 5 }, (_, index) => experience(index))]);
    await cut().catch(() => undefined);
    for (const answer of await answers) {
      expect([200, 201, 503]).toContain(answer.status);
      if (answer.status === 503) expect(answer.body.error).toBe("service_unavailable");
    }
  }
  await expect.poll(async () => (await guest()).status).toBe(201);
  const [row] = await service.db.run<{ consumers: number; sessions: number }>(
    "select (select count(*) from consumer) as consumers, (select count(*) from session) as sessions",
    [],
  );
  expect(row?.consumers).toBe(row?.sessions);
});
