import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Route } from "@fanfare-io/fanfare-contract";
import type { Inbox } from "../delivery/inbox.ts";
import { metricsContentType } from "../platform/metrics.ts";
import type { PresentationKeys } from "../platform/presentation-keys.ts";
import { inboxDocuments } from "./inbox/documents.ts";
import type { Readiness } from "./readiness.ts";
import type { PlainDocument } from "./router.ts";
import { ServiceError } from "./service-error.ts";

const descriptions = { consumer: "openapi.json", admin: "openapi-admin.json" } as const;

/** The documents of a plane: keys, health, readiness, and the description of its API. */
export function createDocuments(
  plane: Route["plane"],
  deps: {
    readonly keys: PresentationKeys;
    readonly readiness: () => Promise<Readiness>;
    readonly metricsText: () => Promise<Buffer>;
    readonly inbox: Inbox | null;
  },
): readonly PlainDocument[] {
  const openapi = readFileSync(createRequire(import.meta.url).resolve(`@fanfare-io/fanfare-contract/${descriptions[plane]}`));
  const fixed = (path: string, bytes: Buffer, cacheControl: string): PlainDocument => ({ path, answer: () => ({ bytes, cacheControl }) });
  const ready = Buffer.from('{"status":"ready"}');
  return [
    { path: "/.well-known/jwks.json", answer: () => ({ bytes: Buffer.from(JSON.stringify(deps.keys.jwks())), cacheControl: "public, max-age=300" }) },
    fixed("/healthz", Buffer.from('{"status":"ok"}'), "no-store"),
    fixed("/openapi.json", openapi, "public, max-age=300"),
    // Of operators alone: which organizations and queues there are is nobody else's business.
    ...(plane === "admin"
      ? [{ path: "/metrics", answer: async () => ({ bytes: await deps.metricsText(), cacheControl: "no-store", contentType: metricsContentType }) }]
      : []),
    ...(plane === "admin" && deps.inbox !== null ? inboxDocuments(deps.inbox) : []),
    {
      path: "/readyz",
      async answer() {
        const readiness = await deps.readiness();
        if (!readiness.ready) throw new ServiceError("service_unavailable", { details: { reason: readiness.reason }, retryAfterSeconds: 1 });
        return { bytes: ready, cacheControl: "no-store" };
      },
    },
  ];
}
