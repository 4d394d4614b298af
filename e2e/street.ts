import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { call, createLaunch, startService } from "@fanfare-io/fanfare-testing";
import type { RunningService, TestLaunch } from "@fanfare-io/fanfare-testing";
import { buildStorefront } from "fanfare-demo/build-storefront";
import { startStorefront } from "fanfare-storefront/backend";

/** How a test's line is set up; see the admin plane's queue. */
export type LineSettings = NonNullable<Parameters<typeof createLaunch>[2]>;

/** A shop of a test's own: its launch, its line, its book. */
export interface OpenShop {
  readonly url: string;
  readonly launch: TestLaunch;
  /** Turns a knob of the line while people stand in it. */
  setLine(settings: Omit<LineSettings, "id">): Promise<void>;
  /** The orders that went through, as the shop's book has them. */
  completedOrders(): readonly string[];
  close(): Promise<void>;
}

/** A running service, and as many shops on it as tests want. */
export interface Street {
  readonly service: RunningService;
  openShop(line?: LineSettings, stock?: number): Promise<OpenShop>;
  /** Another organization on the same service, without a shop of its own. */
  addLaunch(line?: LineSettings): Promise<TestLaunch>;
  close(): Promise<void>;
}

/** Starts a service in a process of its own and builds the storefront's pages unless they are current. */
export async function openStreet(): Promise<Street> {
  await buildStorefront();
  const dataDir = await mkdtemp(join(tmpdir(), "fanfare-street-"));
  const service = await startService({ dataDir: join(dataDir, "service") });
  const shops: OpenShop[] = [];
  let launches = 0;
  const addLaunch = async (line: LineSettings = {}): Promise<TestLaunch> => {
    const number = ++launches;
    return createLaunch(service.adminUrl, service.operatorKey, { id: `queue_line${number}`, ...line }, { experienceId: `exp_launch${number}` });
  };
  return Object.freeze({
    service,
    addLaunch,
    async openShop(line: LineSettings = {}, stock = 120) {
      const shop = await startShop(service, await addLaunch(line), join(dataDir, `shop-${shops.length}`), stock);
      shops.push(shop);
      return shop;
    },
    async close() {
      for (const shop of shops) await shop.close();
      await service.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  });
}

async function startShop(service: RunningService, launch: TestLaunch, dataDir: string, stock: number): Promise<OpenShop> {
  const { organizationId, publishableKey, secretKey, experienceId, queueId } = launch;
  const shop = await startStorefront({ apiUrl: service.consumerUrl, organizationId, publishableKey, secretKey, experienceId, port: 0, dataDir, stock });
  return Object.freeze({
    url: shop.url,
    launch,
    setLine: (settings: Omit<LineSettings, "id">) =>
      call<void>("PUT", `${service.adminUrl}/queues/${queueId}`, { authorization: `Bearer ${secretKey}` }, settings),
    completedOrders() {
      const book = new DatabaseSync(join(dataDir, "shop.sqlite"), { readOnly: true });
      try {
        return book
          .prepare("select order_id from orders where state = 'completed'")
          .all()
          .map((row) => String(row["order_id"]));
      } finally {
        book.close();
      }
    },
    close: () => shop.stop(),
  });
}
