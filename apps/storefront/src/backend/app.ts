import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { product } from "../product.ts";
import { longestBody, readFields, readPayment } from "./forms.ts";
import { checkoutPage } from "./pages/checkout-page.ts";
import { frontPage } from "./pages/front-page.ts";
import { orderPage } from "./pages/order-page.ts";
import { declinedPage, refusalPage } from "./pages/refusal-page.ts";
import { refusals } from "./refusals.ts";
import { comesFromOurPage, securityHeaders } from "./security.ts";
import { readSession, writeSession } from "./session-cookie.ts";
import type { Context } from "hono";
import type { Checkout } from "./checkout.ts";
import type { StorefrontConfig } from "./config.ts";
import type { FrontendFiles } from "./frontend-files.ts";
import type { Orders } from "./orders.ts";
import type { ShopPlatform } from "./platform.ts";
import type { RefusalKind } from "./refusals.ts";

/** What the shop's HTTP side works with. */
export interface AppParts {
  readonly config: StorefrontConfig;
  readonly files: FrontendFiles;
  readonly orders: Orders;
  readonly checkout: Checkout;
  readonly platform: ShopPlatform;
  /** Told of every error that no page explains. */
  readonly report: (error: unknown) => void;
}

/** The shop's routes. Listens nowhere. */
export function createApp(parts: AppParts): Hono {
  const { config, files, orders, platform, report } = parts;
  const app = new Hono();
  app.use(securityHeaders(config.apiUrl));
  app.get("/", (context) => {
    const now = platform.now();
    context.header("cache-control", "no-cache");
    return context.html(frontPage(files.indexHtml, config, { piece: "low-tide", now, left: orders.left("low-tide", now), edition: product.edition }));
  });
  app.get("/draw", (context) => {
    if (config.drawExperienceId === undefined) return refuse(parts, context, "not_found");
    context.header("cache-control", "no-cache");
    return context.html(frontPage(files.indexHtml, config, { piece: "first-light", now: platform.now(), left: 1, edition: 1 }));
  });
  // Whoever has the link checks: a draw's id is no secret, and what it published is for everybody.
  app.get("/draw/check/:drawId{[A-Za-z0-9_-]+}", (context) => {
    context.header("cache-control", "no-cache");
    const checkDrawId = context.req.param("drawId");
    return context.html(frontPage(files.indexHtml, config, { piece: "first-light", now: platform.now(), left: 1, edition: 1, checkDrawId }));
  });
  app.get("/healthz", (context) => context.json({ status: "ok" }));
  app.route("/shop", shopRoutes(parts));
  app.use(files.serve);
  app.notFound((context) => refuse(parts, context, "not_found"));
  app.onError((error, context) => {
    report(error);
    return refuse(parts, context, "our_fault");
  });
  return app;
}

function shopRoutes(parts: AppParts): Hono {
  const shop = new Hono();
  shop.use(async (context, next) => {
    // What stands here belongs to one shopper.
    context.header("cache-control", "no-store");
    if (context.req.method === "POST" && !comesFromOurPage(context)) return refuse(parts, context, "foreign_page");
    return next();
  });
  shop.use(bodyLimit({ maxSize: longestBody, onError: (context) => refuse(parts, context, "too_large") }));
  shop.post("/checkout", (context) => openCheckout(parts, context));
  shop.get("/checkout", (context) => showCheckout(parts, context));
  shop.post("/pay", (context) => pay(parts, context));
  shop.get("/order", (context) => showOrder(parts, context));
  return shop;
}

async function openCheckout(parts: AppParts, context: Context): Promise<Response> {
  const fields = await readFields(context);
  if (fields === null) return refuse(parts, context, "not_a_form");
  const token = fields["token"] ?? "";
  if (token === "") return refuse(parts, context, "no_pass");
  const opened = await parts.checkout.open(token);
  if (opened.outcome === "refused") return refuse(parts, context, opened.refusal);
  writeSession(context, opened.session);
  return context.redirect("/shop/checkout", 303);
}

async function showCheckout(parts: AppParts, context: Context): Promise<Response> {
  const order = parts.checkout.find(readSession(context));
  if (order === null) return refuse(parts, context, "no_checkout");
  const now = parts.platform.now();
  if (order.state === "held" && order.heldUntil > now) return context.html(checkoutPage(parts.files.counter, order, now));
  if (order.state === "paying") return refuse(parts, context, "payment_running");
  if (["held", "lapsed", "released"].includes(order.state)) return refuse(parts, context, "checkout_over");
  return context.redirect("/shop/order", 303);
}

async function pay(parts: AppParts, context: Context): Promise<Response> {
  const session = readSession(context);
  const order = parts.checkout.find(session);
  if (session === undefined || order === null) return refuse(parts, context, "no_checkout");
  const fields = await readFields(context);
  if (fields === null) return refuse(parts, context, "not_a_form");
  const form = readPayment(fields);
  const now = parts.platform.now();
  if (!form.ok && order.state === "held" && order.heldUntil > now) return context.html(checkoutPage(parts.files.counter, order, now, form), 422);
  const paid = form.ok ? await parts.checkout.pay(session, form.buyer, form.card) : null;
  switch (paid?.outcome) {
    case "declined":
      return context.html(declinedPage(parts.files.counter, paid.turnUntil), 402);
    case "refused":
      return refuse(parts, context, paid.refusal);
    case "bought":
    case "confirming":
      return context.redirect("/shop/order", 303);
    case undefined:
      return context.redirect("/shop/checkout", 303);
  }
}

async function showOrder(parts: AppParts, context: Context): Promise<Response> {
  const order = parts.checkout.find(readSession(context));
  if (order === null) return refuse(parts, context, "no_checkout");
  if (order.state === "completed") return context.html(orderPage(parts.files.counter, order));
  if (order.state === "paid") return context.html(orderPage(parts.files.counter, order), 202);
  if (order.state === "refunded") return refuse(parts, context, "payment_returned");
  return context.redirect("/shop/checkout", 303);
}

async function refuse(parts: AppParts, context: Context, kind: RefusalKind): Promise<Response> {
  const refusal = refusals[kind];
  if (refusal.status === 503) context.header("retry-after", "5");
  return context.html(refusalPage(parts.files.counter, refusal), refusal.status);
}
