import { describe, expect, test } from "vitest";
import type { FanfareConfig } from "@fanfare-io/fanfare-contract";
import initFanfare, { FanfareError } from "./index.ts";
import { resolveConfig } from "./config.ts";
import type { ConfigPage } from "./config.ts";

const page: ConfigPage = { metaApiUrl: null, origin: "https://shop.example" };
const good = { organizationId: "org_xxx", publishableKey: "pk_live_xxx" };
const broken = (changes: object): FanfareConfig => ({ ...good, ...changes });

describe("configuration", () => {
  test.each([
    [{ organizationId: "" }, "MISSING_ORGANIZATION_ID", "organizationId"],
    [{ organizationId: undefined }, "MISSING_ORGANIZATION_ID", "organizationId"],
    [{ publishableKey: undefined }, "MISSING_PUBLISHABLE_KEY", "publishableKey"],
    [{ publishableKey: "sk_live_verysecret" }, "SECRET_KEY_IN_BROWSER", "publishableKey"],
    [{ publishableKey: "live_xxx" }, "INVALID_CONFIG", "publishableKey"],
    [{ apiUrl: "ftp://x" }, "INVALID_CONFIG", "apiUrl"],
    [{ apiUrl: 7 }, "INVALID_CONFIG", "apiUrl"],
    [{ sessionDuration: 5 }, "INVALID_CONFIG", "sessionDuration"],
    [{ storage: "indexeddb" }, "INVALID_CONFIG", "storage"],
    [{ storage: { getItem() {} } }, "INVALID_CONFIG", "storage"],
    [{ sync: { syncKeys: "session" } }, "INVALID_CONFIG", "sync.syncKeys"],
  ])("%j is refused as %s, naming %s", (changes, code, field) => {
    const refused = (): unknown => resolveConfig(broken(changes), { ...page, ...(code === "INVALID_CONFIG" && field === "apiUrl" && { origin: null }) });
    expect(refused).toThrow(FanfareError);
    expect(refused).toThrow(expect.objectContaining({ code, message: expect.stringContaining(field) }));
  });

  test("a secret key rejects at once, and is not repeated in the message", async () => {
    const started = initFanfare(broken({ publishableKey: "sk_live_verysecret" }));
    await expect(started).rejects.toMatchObject({ code: "SECRET_KEY_IN_BROWSER" });
    await expect(started).rejects.not.toThrow(/verysecret/);
  });

  test("the service's address is the configured one, else the page's meta tag, else /api of the page", () => {
    expect(resolveConfig({ ...good, apiUrl: "https://api.example/api/" }, page).apiUrl).toBe("https://api.example/api");
    expect(resolveConfig({ ...good, apiUrl: "/shop/api" }, page).apiUrl).toBe("https://shop.example/shop/api");
    expect(resolveConfig(good, { ...page, metaApiUrl: "https://meta.example/api" }).apiUrl).toBe("https://meta.example/api");
    expect(resolveConfig(good, page).apiUrl).toBe("https://shop.example/api");
    expect(() => resolveConfig(good, { metaApiUrl: null, origin: "null" })).toThrow(/apiUrl/);
  });

  test("the defaults are the guide's", () => {
    const config = resolveConfig(good, page);
    expect(config).toMatchObject({ autoRestore: true, autoResume: true, autoGuest: true, storage: "local", channelName: "fanfare-sdk-sync:org_xxx" });
    expect(config.syncs("session")).toBe(true);
    expect(resolveConfig({ ...good, sync: { enabled: false } }, page).channelName).toBeNull();
    expect(resolveConfig({ ...good, sync: { syncKeys: ["session"] } }, page).syncs("refreshToken")).toBe(false);
  });

  test("starts on a server, where there is no page at all, without touching anything", async () => {
    const sdk = await initFanfare({ ...good, apiUrl: "https://api.example/api" });
    expect(sdk.auth.check()).toEqual({ isAuthenticated: false, isGuest: false });
    sdk.destroy();
  });
});
