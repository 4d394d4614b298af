import { idPatterns } from "@fanfare-io/fanfare-contract";
import type { FanfareConfig, StorageAdapter, SyncKey } from "@fanfare-io/fanfare-contract";
import { FanfareError } from "./transport/fanfare-error.ts";

/** The configuration with its defaults filled in. */
export interface ResolvedConfig {
  readonly organizationId: string;
  readonly publishableKey: string;
  readonly apiUrl: string;
  readonly autoRestore: boolean;
  readonly autoResume: boolean;
  readonly autoGuest: boolean;
  readonly sessionDuration: number | undefined;
  readonly storage: "local" | "session" | "memory" | StorageAdapter;
  readonly channelName: string | null;
  readonly syncs: (key: SyncKey) => boolean;
  readonly debug: boolean;
}

/** The page, as far as the configuration is read from it. */
export interface ConfigPage {
  /** Content of `<meta name="fanfare-api-url">`. */
  readonly metaApiUrl: string | null;
  readonly origin: string | null;
}

/**
 * Checks what the integrator wrote; each error names the field and the fix.
 *
 * @throws FanfareError `MISSING_ORGANIZATION_ID`, `MISSING_PUBLISHABLE_KEY`, `SECRET_KEY_IN_BROWSER`, `INVALID_CONFIG`
 */
export function resolveConfig(config: FanfareConfig, page: ConfigPage): ResolvedConfig {
  const given: Partial<FanfareConfig> = config ?? {};
  const organizationId = given.organizationId;
  if (typeof organizationId !== "string" || organizationId.trim() === "") {
    throw new FanfareError("MISSING_ORGANIZATION_ID", "initFanfare needs organizationId: your organization's id, such as org_xxx.");
  }
  const sync = given.sync ?? {};
  const syncKeys = sync.syncKeys;
  const enabled = sync.enabled ?? true;
  if (syncKeys !== undefined && !Array.isArray(syncKeys)) throw invalid("sync.syncKeys", 'an array of keys such as ["session", "activeQueues"]');
  return {
    organizationId,
    publishableKey: checkedKey(given.publishableKey),
    apiUrl: checkedApiUrl(given.apiUrl, page),
    autoRestore: given.autoRestore ?? true,
    autoResume: given.autoResume ?? true,
    autoGuest: given.autoGuest ?? true,
    sessionDuration: checkedDuration(given.sessionDuration),
    storage: checkedStorage(given.storage ?? "local"),
    channelName: enabled ? `${sync.channelName ?? "fanfare-sdk-sync"}:${organizationId}` : null,
    syncs: (key) => enabled && (syncKeys === undefined || syncKeys.includes(key)),
    debug: given.debug ?? false,
  };
}

function checkedKey(key: unknown): string {
  if (typeof key !== "string" || key === "")
    throw new FanfareError("MISSING_PUBLISHABLE_KEY", "initFanfare needs publishableKey: the key that begins with pk_.");
  if (key.startsWith("sk_")) {
    throw new FanfareError(
      "SECRET_KEY_IN_BROWSER",
      "publishableKey holds a secret key. Everybody who opens this page can read it: revoke it now, and use the key that begins with pk_.",
    );
  }
  if (!idPatterns.publishableKey.test(key)) throw invalid("publishableKey", "pk_live_… or pk_test_…, copied whole");
  return key;
}

function checkedApiUrl(given: unknown, { metaApiUrl, origin }: ConfigPage): string {
  const url = given ?? metaApiUrl ?? (origin && origin !== "null" ? `${origin}/api` : null);
  try {
    const { href, protocol } = new URL(String(url), origin && origin !== "null" ? origin : undefined);
    if (url !== null && /^https?:$/.test(protocol)) return href.replace(/\/+$/, "");
  } catch {
    // Named below, with the fix.
  }
  throw invalid("apiUrl", "the address of the service's API, such as https://shop.example/api");
}

function checkedDuration(seconds: unknown): number | undefined {
  if (seconds === undefined || seconds === null) return undefined;
  if (typeof seconds === "number" && Number.isInteger(seconds) && seconds >= 60 && seconds <= 2_592_000) return seconds;
  throw invalid("sessionDuration", "whole seconds from 60 to 2592000");
}

function checkedStorage(storage: NonNullable<FanfareConfig["storage"]>): NonNullable<FanfareConfig["storage"]> {
  const isAdapter = typeof storage === "object" && (["getItem", "setItem", "removeItem"] as const).every((method) => typeof storage[method] === "function");
  if (isAdapter || storage === "local" || storage === "session" || storage === "memory") return storage;
  throw invalid("storage", '"local", "session", "memory", or an object with getItem, setItem and removeItem');
}

function invalid(field: string, expected: string): FanfareError {
  return new FanfareError("INVALID_CONFIG", `initFanfare: ${field} must be ${expected}.`);
}
