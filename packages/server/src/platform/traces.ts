import { errorCatalog } from "@fanfare-io/fanfare-contract";
import type { ErrorCode } from "@fanfare-io/fanfare-contract";
import { context, propagation, ProxyTracerProvider, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import type { Attributes, Span, Tracer } from "@opentelemetry/api";

/** One request as its span names it. */
export interface RequestFacts {
  readonly method: string;
  /** The route's pattern, never the path: ids in span names make every request its own. */
  readonly route: string;
  readonly requestId: string;
  /** May carry the caller's `traceparent`. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** Spans for whoever listens. Nothing that names a person or opens a door is ever put into one. */
export interface Traces {
  /** A request; `work` answers its status. What it raises becomes the span's `fanfare.refusal`, and goes on. */
  request(facts: RequestFacts, work: () => Promise<number>): Promise<void>;
  /** A piece of work that the service does by itself. */
  work<Result>(name: string, attributes: Attributes, work: () => Promise<Result>): Promise<Result>;
}

/**
 * The traces of this process; null when no OpenTelemetry SDK was registered before, which is what costs nothing: whoever is handed null
 * makes one comparison. The API alone is our dependency; the SDK, its exporter and its sampling are the operator's.
 */
export function createTraces(): Traces | null {
  const provider = trace.getTracerProvider();
  if (provider instanceof ProxyTracerProvider && provider.getDelegateTracer("fanfare") === undefined) return null;
  return tracesOf(trace.getTracer("fanfare"));
}

function tracesOf(tracer: Tracer): Traces {
  return Object.freeze<Traces>({
    request({ method, route, requestId, headers }, work) {
      const from = propagation.extract(context.active(), headers);
      const attributes = { "http.request.method": method, "http.route": route, "fanfare.request_id": requestId };
      return tracer.startActiveSpan(`${method} ${route}`, { kind: SpanKind.SERVER, attributes }, from, (span) =>
        ending(span, async () => void span.setAttribute("http.response.status_code", await work())),
      );
    },
    work: (name, attributes, work) => tracer.startActiveSpan(name, { attributes }, (span) => ending(span, work)),
  });
}

async function ending<Result>(span: Span, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    const refusal = typeof code === "string" && code in errorCatalog ? (code as ErrorCode) : null;
    if (refusal !== null) span.setAttributes({ "fanfare.refusal": refusal, "http.response.status_code": errorCatalog[refusal].status });
    // A refusal is an answer; an error is what the service could not do (the conventions for a server's spans say the same of 4xx).
    if (refusal === null || errorCatalog[refusal].status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
    throw error;
  } finally {
    span.end();
  }
}
