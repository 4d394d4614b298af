import type { RouteName } from "@fanfare-io/fanfare-contract";
import type { routeSchemas } from "@fanfare-io/fanfare-contract/schemas";
import type { z } from "zod";

type Schemas = typeof routeSchemas;
type Output<N extends RouteName, Part extends string> = Schemas[N] extends { readonly [K in Part]: infer S extends z.ZodType } ? z.output<S> : undefined;

/** The tenant that a key named, with the settings that requests need. */
export interface Tenant {
  readonly id: string;
  readonly embeddingAllowedHosts: readonly string[] | null;
  readonly sessionDurationSeconds: number;
  readonly checkoutSeconds: number;
  readonly guestsPerMinute: number | null;
}

/** The consumer behind a request: the one place where a token becomes a consumer id (aliases of merged guests resolve here). */
export interface Caller {
  readonly consumerId: string;
  /** Null for a poll token, which can do nothing but poll. */
  readonly sessionId: string | null;
  /** The key that was proved with this request, where the session is bound to one. */
  readonly keyThumbprint: string | null;
}

/** One request, authenticated and validated, as a handler sees it. */
export interface Call<N extends RouteName> {
  readonly requestId: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Output<N, "query">;
  readonly body: Output<N, "body">;
  /** The client's address: what connected, or what `TRUST_PROXY` allows to believe. */
  readonly address: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The organization of the key. Its id is empty on routes without a key. */
  readonly tenant: Tenant;
  /** Null where the route's auth lets a request through without a consumer. */
  readonly caller: Caller | null;
  /** On routes that take a proof of their own: the thumbprint of the key that signed it; null where none was sent. */
  readonly provedKey: string | null;
  /** Whether more guests of this address came within the minute than come without work (contract §4). */
  readonly isCrowded: boolean;
}

/** Where events are written to. */
export interface EventSink {
  /** Writes what has its own line breaks. A reader who does not read is hung up on. */
  send(text: string): void;
  end(): void;
}

/** What a handler answers; the pipeline adds the headers that every answer carries. */
export interface Answer {
  /** Else the route's `success`. */
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Bytes that are the same for everyone: sent as they are, without per-request headers (contract §4). */
  readonly shared?: { readonly bytes: Buffer; readonly etag: string; readonly cacheControl: string };
  /** JSON that is too long to be held at once, in pieces; it is never `validate`d. */
  readonly stream?: AsyncIterable<string>;
  /** Events (`text/event-stream`) that are written as they come, long after the request is over. What is returned is called when the reader has gone. */
  readonly events?: (sink: EventSink) => () => void;
}

/** Schema in, domain call, schema out. Raises `ServiceError`. */
export type Handler<N extends RouteName> = (call: Call<N>) => Answer | Promise<Answer>;

/** The handlers of a part of the service, by route name. */
export type Handlers<N extends RouteName> = { readonly [K in N]: Handler<K> };

/** The caller of a route whose auth guarantees one. */
export function callerOf(call: { readonly caller: Caller | null }): Caller {
  if (call.caller === null) throw new Error("This route's auth does not guarantee a consumer.");
  return call.caller;
}
