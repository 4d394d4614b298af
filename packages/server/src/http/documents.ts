import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { PresentationKeys } from "../platform/presentation-keys.ts";
import type { PlainDocument } from "./router.ts";
import { ServiceError } from "./service-error.ts";

/** Whether this node should get requests, and if not, why. */
export type Readiness = { readonly ready: true } | { readonly ready: false; readonly reason: "draining" | "database" };

/** The documents of both planes: keys, health, readiness, and the description of the API. */
export function createDocuments(deps: { readonly keys: PresentationKeys; readonly readiness: () => Promise<Readiness> }): readonly PlainDocument[] {
  const path = createRequire(import.meta.url).resolve("@fanfare-io/fanfare-contract/openapi.json");
  let openapi: unknown;
  return [
    { path: "/.well-known/jwks.json", answer: () => ({ status: 200, body: deps.keys.jwks, cacheControl: "public, max-age=300" }) },
    { path: "/healthz", answer: () => ({ status: 200, body: { status: "ok" }, cacheControl: "no-store" }) },
    {
      path: "/readyz",
      async answer() {
        const readiness = await deps.readiness();
        if (!readiness.ready) throw new ServiceError("service_unavailable", { details: { reason: readiness.reason }, retryAfterSeconds: 1 });
        return { status: 200, body: { status: "ready" }, cacheControl: "no-store" };
      },
    },
    {
      path: "/openapi.json",
      answer() {
        openapi ??= JSON.parse(readFileSync(path, "utf8"));
        return { status: 200, body: openapi, cacheControl: "public, max-age=300" };
      },
    },
  ];
}
