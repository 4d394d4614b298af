import { FanfareError } from "./fanfare-error.ts";

/** The outside world of this package; every default is a web standard. */
export interface ServerPlatform {
  readonly fetch: typeof fetch;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Uniform in [0, 1): spreads retries, never a secret. */
  readonly random: () => number;
  /** Resolves after so many milliseconds. */
  readonly wait: (milliseconds: number) => Promise<void>;
}

/** What `createFanfare` needs to know. */
export interface FanfareServerConfig {
  /** `sk_…`, from your backend's environment. It must never reach a browser. */
  readonly secretKey: string;
  readonly organizationId: string;
  /** The consumer plane of the service, `/api` included: `https://line.example.com/api`. */
  readonly apiUrl: string;
  readonly fetch?: typeof fetch;
  /**
   * How long one request may take, in milliseconds.
   * @defaultValue 10000
   */
  readonly timeoutMs?: number;
  /** Injected in tests. */
  readonly platform?: Partial<ServerPlatform>;
}

/** A checked configuration. */
export interface CheckedConfig {
  readonly secretKey: string;
  readonly organizationId: string;
  /** Without a slash at its end. */
  readonly apiUrl: string;
  readonly timeoutMs: number;
  readonly platform: ServerPlatform;
}

/** Checks what the integrator gave. Throws a `FanfareError` that names the fix and never repeats a key. */
export function checkConfig(config: FanfareServerConfig): CheckedConfig {
  refuseBrowser();
  return {
    secretKey: checkSecretKey(config.secretKey),
    organizationId: checkOrganizationId(config.organizationId),
    apiUrl: checkApiUrl(config.apiUrl),
    timeoutMs: config.timeoutMs ?? 10_000,
    platform: {
      // Wrapped, because some runtimes refuse a `fetch` that was taken off the global object.
      fetch: config.fetch ?? config.platform?.fetch ?? ((input, init) => fetch(input, init)),
      now: config.platform?.now ?? Date.now,
      random: config.platform?.random ?? Math.random,
      wait: config.platform?.wait ?? ((milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))),
    },
  };
}

function refuseBrowser(): void {
  if ("window" in globalThis && "document" in globalThis) {
    throw new FanfareError(
      "SECRET_KEY_IN_BROWSER",
      "@fanfare-io/fanfare-sdk-server is for your backend: it needs a secret key. In the browser use @fanfare-io/fanfare-sdk-core with your publishable key.",
    );
  }
}

function checkSecretKey(key: unknown): string {
  if (typeof key !== "string" || key === "") {
    throw new FanfareError("MISSING_SECRET_KEY", "createFanfare needs `secretKey`: your organization's sk_… key, from your backend's environment.");
  }
  if (key.startsWith("pk_")) {
    throw new FanfareError(
      "INVALID_CONFIG",
      "createFanfare got a publishable key (pk_…). Checking grants needs the secret key (sk_…); the publishable key belongs in the browser.",
    );
  }
  if (!/^sk_[\x21-\x7e]+$/.test(key)) throw new FanfareError("INVALID_CONFIG", "`secretKey` is not of the form sk_…; copy it again, without spaces or quotes.");
  return key;
}

function checkOrganizationId(organizationId: unknown): string {
  if (typeof organizationId === "string" && organizationId !== "") return organizationId;
  throw new FanfareError("MISSING_ORGANIZATION_ID", "createFanfare needs `organizationId` (org_…): tokens of other organizations are refused by it.");
}

function checkApiUrl(apiUrl: unknown): string {
  const text = typeof apiUrl === "string" ? apiUrl.replace(/\/+$/, "") : "";
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw new FanfareError("INVALID_CONFIG", "createFanfare needs `apiUrl`: the full address of the service, such as https://line.example.com/api.");
}
