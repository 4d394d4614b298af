import { createServer } from "node:net";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { readConfig } from "./config.ts";
import { startStorefront } from "./start.ts";
import type { AddressInfo } from "node:net";

const env = {
  FANFARE_API_URL: "http://localhost:4802/api/",
  FANFARE_ORGANIZATION_ID: "org_demo",
  FANFARE_PUBLISHABLE_KEY: "pk_test_demo",
  FANFARE_SECRET_KEY: "sk_test_demo",
  FANFARE_EXPERIENCE_ID: "exp_drop",
  STOREFRONT_PORT: "0",
};
const directory = mkdtempSync(join(tmpdir(), "storefront-"));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function buildFrontend(): string {
  mkdirSync(join(directory, "dist", ".vite"), { recursive: true });
  mkdirSync(join(directory, "dist", "assets"));
  const manifest = { "src/frontend/counter.ts": { file: "assets/c-1.js", imports: ["_s.js"] }, "_s.js": { file: "assets/s.js", css: ["assets/s-1.css"] } };
  writeFileSync(join(directory, "dist", ".vite", "manifest.json"), JSON.stringify(manifest));
  writeFileSync(join(directory, "dist", "index.html"), "<head><!--shop-settings--></head>");
  writeFileSync(join(directory, "dist", "assets", "s-1.css"), "body { margin: 0 }\n".repeat(50));
  return join(directory, "dist");
}

describe("the environment", () => {
  test("becomes a configuration with defaults", () => {
    expect(readConfig(env)).toMatchObject({ apiUrl: "http://localhost:4802/api", port: 0, host: "127.0.0.1", stock: 120 });
  });

  test.each([
    [{ FANFARE_SECRET_KEY: "", FANFARE_EXPERIENCE_ID: undefined }, "FANFARE_SECRET_KEY, FANFARE_EXPERIENCE_ID"],
    [{ FANFARE_API_URL: "localhost" }, "full address"],
    [{ STOREFRONT_PORT: "70000" }, "STOREFRONT_PORT"],
    [{ STOREFRONT_PORT: "4810x" }, "STOREFRONT_PORT"],
  ])("with %j is refused in one line that names the fix", (wrong, words) => {
    expect(() => readConfig({ ...env, ...wrong })).toThrow(new RegExp(`^[^\\n]*${words}[^\\n]*$`));
  });
});

describe("starting", () => {
  test("serves hashed files for ever, the front page fresh, and stops", async () => {
    const storefront = await startStorefront({ ...readConfig(env), dataDir: directory }, { frontendDir: buildFrontend() });
    const style = await fetch(`${storefront.url}/assets/s-1.css`, { headers: { "accept-encoding": "br" } });
    expect([style.headers.get("cache-control"), style.headers.get("content-encoding")]).toEqual(["public, max-age=31536000, immutable", "br"]);
    expect((await fetch(storefront.url)).headers.get("cache-control")).toBe("no-cache");
    expect(await (await fetch(`${storefront.url}/shop/order`)).text()).toContain('href="/assets/s-1.css"');
    expect((await fetch(`${storefront.url}/.vite/manifest.json`)).status).toBe(404);
    await storefront.stop();
    await expect(fetch(storefront.url)).rejects.toThrow();
  });

  test("without built pages says how to build them", async () => {
    await expect(startStorefront({ ...readConfig(env), dataDir: directory }, { frontendDir: join(directory, "none") })).rejects.toThrow(/npm run build/);
  });

  test("on a taken port says which variable to set", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    const { port } = other.address() as AddressInfo;
    await expect(startStorefront({ ...readConfig(env), port, dataDir: directory }, { frontendDir: buildFrontend() })).rejects.toThrow(/STOREFRONT_PORT/);
    other.close();
  });
});
