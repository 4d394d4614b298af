import { secureHeaders } from "hono/secure-headers";
import type { Context, MiddlewareHandler } from "hono";

/** Headers on every answer. Scripts and styles come from this shop alone; the page may talk to the line and to nobody else. */
export function securityHeaders(apiUrl: string): MiddlewareHandler {
  return secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      // The SDK does asked-for work beside the page's own thread, in workers that it makes from a blob.
      workerSrc: ["blob:"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      connectSrc: ["'self'", new URL(apiUrl).origin],
      formAction: ["'self'"],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
    },
    xFrameOptions: "DENY",
    // Not `no-referrer`: that would also blank the Origin of our own forms, which `comesFromOurPage` reads.
    referrerPolicy: "same-origin",
    crossOriginOpenerPolicy: "same-origin",
    crossOriginResourcePolicy: "same-origin",
    permissionsPolicy: { camera: [], microphone: [], geolocation: [], payment: [] },
    strictTransportSecurity: false,
  });
}

/**
 * True when a form was sent by our own page: browsers name the sending origin and do not let a page lie about it.
 * Compared with the Host that the browser asked for, since a proxy may have taken TLS off.
 */
export function comesFromOurPage(context: Context): boolean {
  const origin = context.req.header("origin");
  return origin !== undefined && URL.canParse(origin) && new URL(origin).host === context.req.header("host");
}
