import type { IncomingMessage } from "node:http";
import { routes } from "@fanfare-io/fanfare-contract";
import type { Route, RouteName } from "@fanfare-io/fanfare-contract";
import { routeSchemas } from "@fanfare-io/fanfare-contract/schemas";
import type { RouteSchemas } from "@fanfare-io/fanfare-contract/schemas";
import findMyWay from "find-my-way";
import type { HTTPMethod } from "find-my-way";
import type { Answer, Call, Handlers } from "./endpoint.ts";

/** A route with everything that the pipeline needs of it. */
export interface Endpoint {
  readonly name: RouteName;
  readonly route: Route;
  readonly schemas: RouteSchemas;
  readonly handle: (call: Call<RouteName>) => Answer | Promise<Answer>;
}

/** What a document such as the JWKS answers: no key, no consumer, no limit, the same for everyone. */
export interface PlainDocument {
  readonly path: string;
  /** Not under `/api` too, where a route has this path. */
  readonly isAtRootOnly?: true;
  readonly answer: (asked: AskedDocument) => PlainAnswer | Promise<PlainAnswer>;
}

/** What little a document may look at. */
export interface AskedDocument {
  readonly request: IncomingMessage;
  readonly params: Readonly<Record<string, string>>;
}

export interface PlainAnswer {
  readonly bytes: Buffer;
  /** JSON unless named. */
  readonly contentType?: string;
  readonly cacheControl: string;
  /** In the flat form, in the place of what lets any page read it. */
  readonly headers?: readonly string[];
}

export type Target = { readonly kind: "endpoint"; readonly endpoint: Endpoint } | { readonly kind: "document"; readonly document: PlainDocument };

/** Where a request goes: a target, or the methods that its path would answer. */
export type Match = { readonly target: Target; readonly params: Readonly<Record<string, string>> } | { readonly allowed: readonly string[] };

export type FindRoute = (method: string, path: string) => Match;

const methods: readonly HTTPMethod[] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
const ignored = (): void => {};

/** The routes of one plane, under `/api`; documents also at the root, where orchestrators look for them. */
export function createRouter(plane: Route["plane"], handlers: Handlers<RouteName>, documents: readonly PlainDocument[]): FindRoute {
  const router = findMyWay({ maxParamLength: 240 });
  const add = (method: HTTPMethod, path: string, target: Target): void => router.on(method, path, ignored, target);
  for (const [name, route] of Object.entries(routes) as [RouteName, Route][]) {
    if (route.plane !== plane) continue;
    const endpoint: Endpoint = { name, route, schemas: routeSchemas[name], handle: handlers[name] };
    add(route.method, `/api${route.path}`, { kind: "endpoint", endpoint });
  }
  for (const document of documents) {
    for (const path of document.isAtRootOnly === true ? [document.path] : [document.path, `/api${document.path}`])
      add("GET", path, { kind: "document", document });
  }

  return (method, path) => {
    const found = router.find(method === "HEAD" ? "GET" : (method as HTTPMethod), path);
    // A path that cannot be decoded comes back without a target, like one that is not there.
    if (found?.store) return { target: found.store as Target, params: found.params as Record<string, string> };
    const answering = methods.filter((other) => router.find(other, path)?.store);
    return { allowed: answering.flatMap((other) => (other === "GET" ? ["GET", "HEAD"] : [other])) };
  };
}
