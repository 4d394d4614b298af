import type { FanfareConfig, FanfareErrorCode, StorageAdapter, SyncKey } from "@fanfare-io/fanfare-contract";
import { ignore } from "./lib/ignore.ts";
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
  readonly privacy?: FanfareConfig["privacy"];
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
  const { organizationId, sessionDuration } = given;
  const { enabled = true, channelName = "fanfare-sdk-sync", syncKeys } = given.sync ?? {};
  if (!isText(organizationId)) throw wrong("organizationId", "such as org_xxx", "MISSING_ORGANIZATION_ID");
  if (syncKeys && !Array.isArray(syncKeys)) throw wrong("sync.syncKeys", 'an array such as ["session"]');
  if (sessionDuration != null && !(Number.isInteger(sessionDuration) && sessionDuration >= 60 && sessionDuration <= 2_592_000)) {
    throw wrong("sessionDuration", "whole seconds from 60 to 2592000");
  }
  return {
    // What is taken as it was written: the organization, and what the shopper agreed to.
    ...(given as { readonly organizationId: string }),
    publishableKey: checkedKey(given.publishableKey),
    apiUrl: checkedApiUrl(given.apiUrl, page),
    autoRestore: given.autoRestore ?? true,
    autoResume: given.autoResume ?? true,
    autoGuest: given.autoGuest ?? true,
    sessionDuration: sessionDuration ?? undefined,
    storage: checkedStorage(given.storage ?? "local"),
    channelName: enabled ? `${channelName}:${organizationId}` : null,
    syncs: (key) => enabled && (!syncKeys || syncKeys.includes(key)),
    debug: given.debug ?? false,
  };
}

function checkedKey(key: unknown): string {
  if (!isText(key)) throw wrong("publishableKey", "the key that begins with pk_", "MISSING_PUBLISHABLE_KEY");
  if (key.startsWith("sk_")) {
    throw wrong("publishableKey", "the key that begins with pk_; this one is secret: revoke it", "SECRET_KEY_IN_BROWSER");
  }
  // Looser than the service, which knows its keys: this finds the key that was copied by half, or from the wrong field.
  if (!/^pk_(live|test)_\w+$/.test(key)) throw wrong("publishableKey", "pk_live_… or pk_test_…, whole");
  return key;
}

function checkedApiUrl(given: unknown, page: ConfigPage): string {
  // A sandboxed page has the origin "null".
  const origin = page.origin === "null" ? null : page.origin;
  try {
    const { href, protocol } = new URL((given ?? page.metaApiUrl ?? (origin && "/api")) as string, origin ?? undefined);
    if (/^https?:$/.test(protocol)) return href.replace(/\/+$/, "");
  } catch {
    ignore("named below, with the fix");
  }
  throw wrong("apiUrl", "the service's address, such as https://shop.example/api");
}

function checkedStorage(storage: NonNullable<FanfareConfig["storage"]>): NonNullable<FanfareConfig["storage"]> {
  if (typeof storage === "object" ? "getItem" in storage && "setItem" in storage && "removeItem" in storage : /^(local|session|memory)$/.test(storage))
    return storage;
  throw wrong("storage", '"local", "session", "memory", or an asynchronous adapter');
}

const isText = (value: unknown): value is string => typeof value === "string" && value.trim() !== "";

function wrong(field: string, expected: string, code: FanfareErrorCode = "INVALID_CONFIG"): FanfareError {
  return new FanfareError(code, `initFanfare: ${field} must be ${expected}.`);
}
