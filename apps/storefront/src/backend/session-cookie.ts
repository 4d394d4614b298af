import { getCookie, setCookie } from "hono/cookie";
import type { Context } from "hono";

const name = "shop_checkout";
const days = 30;

/** The shopper's checkout secret, as the browser sent it. */
export function readSession(context: Context): string | undefined {
  const value = getCookie(context, name);
  return value !== undefined && /^[\w-]{43}$/.test(value) ? value : undefined;
}

/** Gives the browser its checkout secret: out of reach of scripts and of requests that start on other sites. */
export function writeSession(context: Context, session: string): void {
  const secure = new URL(context.req.url).protocol === "https:" || context.req.header("x-forwarded-proto") === "https";
  setCookie(context, name, session, { httpOnly: true, sameSite: "Strict", secure, path: "/shop", maxAge: days * 86_400 });
}
