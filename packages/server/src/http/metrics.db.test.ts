import type { CreatedOrganization } from "@fanfare-io/fanfare-contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestService } from "../testing/start-test-service.ts";
import type { TestService } from "../testing/start-test-service.ts";

let service: TestService;
let shop: CreatedOrganization;

beforeAll(async () => {
  service = await startTestService();
  shop = await service.createOrganization({ id: "org_metrics" });
});
afterAll(() => service.stop());

const scrape = async (): Promise<string> => (await fetch(`${service.adminUrl}/metrics`)).text();

test("Prometheus reads lines, admissions, batches, refusals and latency from the admin plane, and from there alone", async () => {
  await service.ask("admin", "POST", "/experiences", {
    headers: { Authorization: `Bearer ${shop.secretKey}` },
    json: { name: "Drop", sequence: { name: "All", queues: [{ id: "queue_metrics", name: "Line", admitRate: 12 }] } },
  });
  const key = { "X-Publishable-Key": shop.publishableKey };
  for (let each = 0; each < 3; each++) {
    const guest = await service.ask("consumer", "POST", "/auth/guest", { headers: key, json: {} });
    await service.ask("consumer", "POST", "/queues/queue_metrics/enter", { headers: { ...key, Authorization: `Bearer ${guest.body.accessToken}` } });
  }
  await service.ask("consumer", "GET", "/queues/queue_unknown", { headers: key });
  const labels = 'organization="org_metrics",queue="queue_metrics"';
  await expect.poll(scrape).toContain(`fanfare_grants_active{${labels}} 1`);
  const text = await scrape();
  expect(text).toMatch(new RegExp(`fanfare_line_waiting\\{${labels}\\} [12]`));
  expect(text).toContain(`fanfare_line_admit_rate{${labels}} 12`);
  expect(text).not.toContain("fanfare_line_capacity{");
  expect(text).toMatch(/fanfare_admissions_total [12]/);
  expect(text).toMatch(new RegExp(`fanfare_wait_seconds_count\\{${labels}\\} [12]`));
  expect(text).toMatch(new RegExp(`fanfare_wait_seconds_bucket\\{le="300",${labels}\\} [12]`));
  expect(text).toContain("fanfare_background_faults_total 0");
  expect(text).toMatch(/fanfare_resident_bytes [1-9]\d{7,}/);
  expect(text).toContain('fanfare_commit_batch_size_count{kind="join"} 3');
  expect(text).toContain('fanfare_refusals_total{reason="not_found"} 1');
  expect(text).toContain('fanfare_request_seconds_count{route="enterQueue"} 3');
  const answer = await fetch(`${service.adminUrl}/metrics`);
  expect(answer.headers.get("content-type")).toContain("text/plain; version=0.0.4");
  expect((await fetch(`${service.consumerUrl}/metrics`)).status).toBe(404);
});
