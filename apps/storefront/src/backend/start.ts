import { fileURLToPath } from "node:url";
import { createAdaptorServer } from "@hono/node-server";
import { createFanfare } from "@fanfare-io/fanfare-sdk-server";
import { product } from "../product.ts";
import { createApp } from "./app.ts";
import { createCheckout } from "./checkout.ts";
import { StartProblem } from "./config.ts";
import { openDatabase } from "./database.ts";
import { loadFrontend } from "./frontend-files.ts";
import { createOrders } from "./orders.ts";
import { createTestPayments } from "./payments.ts";
import { nodePlatform } from "./platform.ts";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { PieceId } from "../product.ts";
import type { StorefrontConfig } from "./config.ts";
import type { ShopPlatform } from "./platform.ts";

/** A storefront that listens. */
export interface RunningStorefront {
  readonly url: string;
  /** Lets requests under way finish, for at most 5 s, and closes the book. Idempotent. */
  stop(): Promise<void>;
}

/** What a start may be given instead of the real thing. */
export interface StartOptions {
  readonly platform?: ShopPlatform;
  readonly frontendDir?: string;
  /** Told of errors that no page explains. Default: one line on standard error. */
  readonly report?: (error: unknown) => void;
}

const builtFrontend = fileURLToPath(new URL("../../dist", import.meta.url));
const settleEveryMs = 15_000;
const drainMs = 5_000;

/** Starts the shop. Raises a `StartProblem`, one line long, when its pages are not built or its port is taken. */
export async function startStorefront(config: StorefrontConfig, options: StartOptions = {}): Promise<RunningStorefront> {
  const platform = options.platform ?? nodePlatform;
  const report = options.report ?? reportOnStandardError;
  const files = loadFrontend(options.frontendDir ?? builtFrontend);
  const { grants } = createFanfare({ secretKey: config.secretKey, organizationId: config.organizationId, apiUrl: config.apiUrl });
  const database = openDatabase(config.dataDir);
  const orders = createOrders(database, { "low-tide": config.stock ?? product.edition });
  const payments = createTestPayments(database, platform.now);
  const sold: Record<string, PieceId> = { [config.experienceId]: "low-tide" };
  if (config.drawExperienceId !== undefined) sold[config.drawExperienceId] = "first-light";
  const checkout = createCheckout({ grants, orders, payments, platform, sold });
  const server = createAdaptorServer({ fetch: createApp({ config, files, orders, checkout, platform, report }).fetch }) as Server;
  // Not awaited: the line may be slow to answer. Which payments a crash cut off is read at once, before the first shopper can start another.
  let settling = checkout.recover().catch(report);
  try {
    await listen(server, config);
  } catch (error) {
    await settling;
    database.close();
    throw error;
  }
  const stopSettling = platform.every(settleEveryMs, () => {
    settling = settling.then(() => checkout.settle()).catch(report);
  });
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    stopSettling();
    await drain(server);
    await settling;
    database.close();
  };
  return Object.freeze({ url: `http://localhost:${(server.address() as AddressInfo).port}`, stop: () => (stopped ??= stop()) });
}

async function listen(server: Server, config: StorefrontConfig): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(error.code === "EADDRINUSE" ? new StartProblem(`Port ${config.port} is taken: set STOREFRONT_PORT to another one, or to 0 for any.`) : error),
    );
    server.listen(config.port, config.host ?? "127.0.0.1", resolve);
  });
}

async function drain(server: Server): Promise<void> {
  const giveUp = setTimeout(() => server.closeAllConnections(), drainMs).unref();
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
  clearTimeout(giveUp);
}

function reportOnStandardError(error: unknown): void {
  process.stderr.write(`storefront: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
}
