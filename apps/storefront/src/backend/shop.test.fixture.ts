import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createApp } from "./app.ts";
import { createCheckout } from "./checkout.ts";
import { openDatabase } from "./database.ts";
import { createLine } from "./line.test.fixture.ts";
import { createOrders } from "./orders.ts";
import { createTestPayments, testCards } from "./payments.ts";
import type { Checkout } from "./checkout.ts";
import type { Line } from "./line.test.fixture.ts";
import type { Orders } from "./orders.ts";
import type { Payments } from "./payments.ts";

/** A shop on a real book in a directory of its own, with a clock that a test moves. */
export interface TestShop {
  readonly line: Line;
  readonly orders: Orders;
  readonly payments: Payments;
  readonly checkout: Checkout;
  readonly clock: { now: number };
  readonly errors: unknown[];
  /** Posts a form as the shop's own page does. */
  post(path: string, fields: Readonly<Record<string, string>>, headers?: Readonly<Record<string, string>>): Promise<Response>;
  get(path: string, cookie?: string): Promise<Response>;
  /** The same shop after its process ended and started again on the same book. */
  restart(): TestShop;
  close(): void;
}

/** A filled-in payment form. */
export const goodForm = { name: "Ada Lind", street: "Kaj 4", postcode: "1050", city: "Aarhus", card: testCards.accepted };

const start = Date.parse("2026-11-22T10:00:00Z");
const holdMs = 900_000;

/** Opens the shop. */
export function openShop(options: { stock?: number; line?: Line; directory?: string; clock?: { now: number } } = {}): TestShop {
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), "shop-"));
  const clock = options.clock ?? { now: start };
  const line = options.line ?? createLine(() => clock.now + holdMs);
  const database = openDatabase(directory);
  const orders = createOrders(database, { "low-tide": options.stock ?? 3 });
  const payments = createTestPayments(database, () => clock.now);
  const platform = { now: () => clock.now, randomBytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)), every: () => () => undefined };
  const checkout = createCheckout({ grants: line, orders, payments, platform, sold: { exp_drop: "low-tide", exp_draw: "first-light" } });
  const config = {
    apiUrl: "http://localhost:4802/api",
    organizationId: "org_demo",
    publishableKey: "pk_test_demo",
    secretKey: "sk_test_demo",
    experienceId: "exp_drop",
    port: 0,
    dataDir: directory,
  };
  const errors: unknown[] = [];
  const files = {
    indexHtml: "<head><!--shop-settings--></head>",
    counter: { script: "/a.js", styles: ["/a.css"] },
    serve: async (_: unknown, next: () => Promise<void>) => next(),
  };
  const app = createApp({ config, files, orders, checkout, platform, report: (error) => errors.push(error) });
  return {
    line,
    orders,
    payments,
    checkout,
    clock,
    errors,
    post: async (path, fields, headers = {}) =>
      app.request(`http://shop.test${path}`, {
        method: "POST",
        body: new URLSearchParams(fields).toString(),
        headers: { "content-type": "application/x-www-form-urlencoded", origin: "http://shop.test", host: "shop.test", ...headers },
      }),
    get: async (path, cookie) => app.request(`http://shop.test${path}`, { headers: cookie === undefined ? {} : { cookie } }),
    restart() {
      database.close();
      return openShop({ ...options, line, directory, clock });
    },
    close() {
      database.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The cookie that an answer set, as the browser sends it back. */
export function cookieOf(response: Response): string {
  return response.headers.get("set-cookie")?.split(";")[0] ?? "";
}
