import type { Tenant } from "../endpoint.ts";

/** Headers of answers to a page, where it may read the answer. */
export const exposedHeaders = "DPoP-Nonce, WWW-Authenticate, Retry-After, Date, X-Request-Id, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset";

/** A preflight names no organization, so that it can only allow everyone, without credentials (contract §4). */
export const preflightHeaders: readonly string[] = [
  "Access-Control-Allow-Origin",
  "*",
  "Access-Control-Allow-Methods",
  "GET, POST, PATCH, DELETE",
  "Access-Control-Allow-Headers",
  "Authorization, Content-Type, DPoP, X-Publishable-Key",
  "Access-Control-Max-Age",
  "7200",
  "Content-Length",
  "0",
];

const defaultPorts: Readonly<Record<string, string>> = { "http:": "80", "https:": "443" };

/** Whether a page of this origin may use the organization's publishable key. Courtesy, not security: only browsers send honest origins. */
export function allowsOrigin(tenant: Pick<Tenant, "embeddingAllowedHosts">, origin: string): boolean {
  const parsed = parseOrigin(origin);
  if (parsed === null) return false;
  if (tenant.embeddingAllowedHosts === null) return isLocal(parsed.hostname);
  return tenant.embeddingAllowedHosts.some((allowed) => matches(allowed, parsed));
}

interface Origin {
  readonly hostname: string;
  /** Empty where it is the scheme's own. */
  readonly port: string;
}

function parseOrigin(origin: string): Origin | null {
  if (origin.length > 300 || !URL.canParse(origin)) return null;
  const { protocol, hostname, port } = new URL(origin);
  return protocol in defaultPorts ? { hostname, port: port === defaultPorts[protocol] ? "" : port } : null;
}

function isLocal(hostname: string): boolean {
  return hostname === "localhost" || hostname.endsWith(".localhost") || hostname === "127.0.0.1" || hostname === "[::1]";
}

function matches(allowed: string, origin: Origin): boolean {
  const [host = "", port = ""] = allowed.split(":");
  if (port !== origin.port && !(origin.port === "" && (port === "443" || port === "80"))) return false;
  return host.startsWith("*.") ? origin.hostname.endsWith(host.slice(1)) : origin.hostname === host;
}
