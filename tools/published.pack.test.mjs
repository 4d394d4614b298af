import { execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, normalize } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { published, readJson, root, tsc } from "./workspace.mjs";

// What a stranger gets: the tarballs as npm would publish them, installed into an empty project, read by the oldest Node that we promise.

const workbench = mkdtempSync(join(tmpdir(), "fanfare-pack-"));
afterAll(() => rmSync(workbench, { recursive: true, force: true }));

/** The Node of the person who ran `npm test`, not the one that the project pins. */
function outerNode() {
  if (process.env.FANFARE_OUTER_NODE) return process.env.FANFARE_OUTER_NODE;
  const elsewhere = (process.env.PATH ?? "").split(delimiter).filter((folder) => !folder.includes("node_modules"));
  return elsewhere.map((folder) => join(folder, "node")).find((path) => existsSync(path)) ?? process.execPath;
}

const run = (/** @type {string} */ program, /** @type {string[]} */ args, /** @type {string} */ cwd) => {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, encoding: "utf8", timeout: 240_000, maxBuffer: 64 * 1024 * 1024 });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${status}\n${stdout}${stderr}${error ?? ""}`);
  return stdout;
};

const packages = published.map((folder) => ({
  folder,
  manifest: readJson(join(folder, "package.json")),
  unpacked: join(workbench, "unpacked", folder.replace("/", "-")),
  tarball: "",
}));
const consumer = join(workbench, "consumer");

beforeAll(() => {
  mkdirSync(consumer);
  for (const one of packages) {
    const [{ filename }] = JSON.parse(run("npm", ["pack", "--json", "--pack-destination", workbench], join(root, one.folder)));
    one.tarball = join(workbench, filename);
    mkdirSync(one.unpacked, { recursive: true });
    run("tar", ["-xzf", one.tarball, "-C", one.unpacked, "--strip-components=1"], workbench);
  }
  const dependencies = Object.fromEntries(packages.map(({ manifest, tarball }) => [manifest.name, `file:${tarball}`]));
  const react = readJson("packages/sdk-react/package.json").devDependencies;
  const outside = { react: react.react, "@types/react": react["@types/react"], "@types/node": readJson("package.json").devDependencies["@types/node"] };
  writeFileSync(
    join(consumer, "package.json"),
    JSON.stringify({ private: true, type: "module", dependencies: { ...dependencies, ...outside }, overrides: dependencies }),
  );
  run("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline"], consumer);
});

/** What a package must hold, told from its sources: each source, what the compiler makes of it, and what stands beside it. @param {string} folder */
function expectedFiles(folder) {
  const inSrc = globSync("src/**/*", { cwd: join(root, folder) }).filter(
    (path) => !statSync(join(root, folder, path)).isDirectory() && !/[.]test(-d)?[.]|^src\/testing\//.test(path),
  );
  const built = inSrc.flatMap((path) => {
    const stem = path.replace(/^src/, "dist").replace(/[.]tsx?$/, "");
    if (/[.]tsx?$/.test(path)) return [".js", ".js.map", ".d.ts", ".d.ts.map"].map((ending) => stem + ending);
    return path.endsWith(".md") ? [] : [path.replace(/^src/, "dist")];
  });
  const beside = ["package.json", "LICENSE", "README.md", "CHANGELOG.md"].filter((path) => existsSync(join(root, folder, path)));
  return [...inSrc, ...built, ...beside, ...globSync("{openapi/*.json,bin/*.js}", { cwd: join(root, folder) })];
}

const listed = (/** @type {string} */ folder) => globSync("**/*", { cwd: folder }).filter((path) => !statSync(join(folder, path)).isDirectory());

describe.each(packages)("the tarball of $manifest.name", (one) => {
  test("holds its sources, what is built from them, and nothing else", () => {
    expect(new Set(listed(one.unpacked))).toEqual(new Set(expectedFiles(one.folder)));
    expect(existsSync(join(one.unpacked, "LICENSE"))).toBe(true);
  });

  test("has source maps that lead to files inside it", () => {
    for (const map of listed(one.unpacked).filter((path) => path.endsWith(".map"))) {
      const { sources, sourceRoot } = JSON.parse(readFileSync(join(one.unpacked, map), "utf8"));
      for (const source of sources)
        expect(existsSync(join(one.unpacked, normalize(join(dirname(map), sourceRoot ?? "", source)))), `${map} -> ${source}`).toBe(true);
    }
  });

  test("names no folder of the machine that built it", () => {
    const telling = listed(one.unpacked).filter((path) => readFileSync(join(one.unpacked, path), "utf8").includes(root));
    expect(telling).toEqual([]);
  });

  test("gives publint nothing to say", async () => {
    const { messages } = await publint({ pkgDir: one.unpacked, pack: false, strict: true });
    // The private source condition is told apart from a mistake by its name; everything else counts.
    expect(messages.map((message) => formatMessage(message, one.manifest))).toEqual([]);
  });
});

// An entry that only our own source condition opens is not there for anybody else.
const entries = packages.flatMap(({ folder, manifest }) =>
  Object.entries(manifest.exports)
    .filter(([path, target]) => !path.endsWith(".json") && typeof target === "object" && target !== null && "default" in target)
    .map(([path]) => ({ specifier: manifest.name + path.slice(1), service: folder === "packages/server" })),
);

describe("installed elsewhere", () => {
  test.each(entries.filter(({ service }) => !service))(
    "$specifier is imported without a page, leaves nothing running and nothing behind, on the Node outside",
    ({ specifier }) => {
      // zod and nanostores keep a registry on globalThis, so that two copies of them agree; that is their business, and all of it.
      const script = `const before = Object.keys(globalThis); const found = await import(${JSON.stringify(specifier)});
      console.log(JSON.stringify({ names: Object.keys(found), left: Object.keys(globalThis).filter((key) => !before.includes(key) && !/^(__zod_|nanostoresGlobal)/.test(key)) }));`;
      const { names, left } = JSON.parse(run(outerNode(), ["--input-type=module", "-e", script], consumer));
      expect(left).toEqual([]);
      expect(names.length > 0 || specifier.endsWith("/experiences")).toBe(true);
    },
  );

  test("the service is imported on the Node that the project pins", () => {
    const script = `console.log(typeof (await import("@fanfare-io/fanfare-server")).createFanfareServer);`;
    expect(run(process.execPath, ["--input-type=module", "-e", script], consumer).trim()).toBe("function");
  });

  test("the service's program can be started by its name", () => {
    const program = join(consumer, "node_modules/.bin/fanfare");
    expect(readFileSync(program, "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
    execFileSync("test", ["-x", program]);
  });

  test("the service starts from what was installed, answers, keeps its data, and ends when told to", async () => {
    const env = { ...process.env, NODE_ENV: "development", FANFARE_DATA_DIR: join(workbench, "data"), CONSUMER_PORT: "0", ADMIN_PORT: "0" };
    for (let start = 0; start < 2; start++) {
      const service = spawn(process.execPath, [join(consumer, "node_modules/.bin/fanfare"), "start", "--json"], {
        cwd: consumer,
        env,
        stdio: ["ignore", "pipe", "pipe"],
      });
      let said = "";
      service.stderr.on("data", (chunk) => (said += chunk));
      const ended = new Promise((resolve) => service.once("close", resolve));
      /** @type {{ consumerUrl: string }} */
      const { consumerUrl } = await new Promise((resolve, reject) => {
        let line = "";
        service.stdout.on("data", (chunk) => {
          line += chunk;
          const found = line.split("\n").find((text, at, all) => text.startsWith("{") && text.includes("consumerUrl") && at < all.length - 1);
          if (found) resolve(JSON.parse(found));
        });
        service.once("close", (code) => reject(new Error(`ended with ${code} before it was ready: ${said}${line}`)));
      });
      expect((await fetch(`${consumerUrl}/readyz`)).status).toBe(200);
      service.kill("SIGTERM");
      expect(await ended, said).toBe(0);
    }
  });

  const everything = entries.map(({ specifier }, at) => `import * as entry${at} from "${specifier}";\nexport const use${at}: object = entry${at};`).join("\n");
  const compilers = { "TypeScript 7": tsc, "TypeScript 6": join(root, "node_modules/typescript/bin/tsc") };
  test.each(Object.keys(compilers).flatMap((compiler) => ["nodenext", "bundler"].map((resolution) => ({ compiler, resolution }))))(
    "the declarations pass $compiler, strict, with resolution $resolution",
    ({ compiler, resolution }) => {
      writeFileSync(join(consumer, "everything.ts"), everything);
      const how = [
        "--noEmit",
        "--strict",
        "--target",
        "es2022",
        "--lib",
        "es2024,dom,dom.iterable",
        "--types",
        "node",
        "--module",
        resolution === "nodenext" ? "nodenext" : "esnext",
      ];
      const script = compilers[/** @type {keyof typeof compilers} */ (compiler)];
      expect(run(process.execPath, [script, ...how, "--moduleResolution", resolution, "--jsx", "react-jsx", "everything.ts"], consumer)).toBe("");
    },
  );
});

describe("installed beside React 18", () => {
  const folder = join(workbench, "react-18");
  const page = `
    import { Window } from "happy-dom";
    const window = new Window({ url: "https://shop.test/" });
    for (const name of ["window", "document", "HTMLElement", "Node", "location"]) Object.defineProperty(globalThis, name, { value: name === "window" ? window : window[name], configurable: true });
    const { createElement: h, StrictMode, useEffect, version } = await import("react");
    const { renderToString } = await import("react-dom/server");
    const { hydrateRoot } = await import("react-dom/client");
    const { FanfareProvider, useFanfareAuth } = await import("@fanfare-io/fanfare-sdk-react");
    const guests = [];
    const fetch = async (input) => {
      guests.push(new URL(input).pathname);
      const session = { type: "guest", consumerId: "guest-1", guestId: "guest-1", expiresAt: new Date(Date.now() + 3_600_000).toISOString(), bound: false };
      return Response.json({ accessToken: "at", refreshToken: "rt", tokenType: "Bearer", expiresInSeconds: 600, session }, { status: 201 });
    };
    function Who() {
      const { session, guest } = useFanfareAuth();
      useEffect(() => void guest(), [guest]);
      return h("p", null, session?.consumerId ?? "nobody");
    }
    const shop = h(StrictMode, null, h(FanfareProvider, { organizationId: "org_shop", publishableKey: "pk_test_shop", apiUrl: "https://api.test/api", storage: "memory", platform: { fetch, signing: () => null } }, h(Who)));
    const onServer = renderToString(shop);
    const container = document.body.appendChild(document.createElement("div"));
    container.innerHTML = onServer;
    const mismatches = [];
    const root = hydrateRoot(container, shop, { onRecoverableError: (error) => mismatches.push(String(error)) });
    for (let turn = 0; turn < 200 && container.textContent !== "guest-1"; turn++) await new Promise((resolve) => setTimeout(resolve, 25));
    console.log(JSON.stringify({ version, onServer, shown: container.textContent, guests, mismatches }));
    root.unmount();
    process.exit();`;

  test("a page under StrictMode hydrates without a mismatch and becomes one guest", () => {
    mkdirSync(folder);
    const browser = packages.filter(({ folder: name }) =>
      ["packages/contract", "packages/draw-proof", "packages/sdk-core", "packages/sdk-react"].includes(name),
    );
    const dependencies = Object.fromEntries(browser.map(({ manifest, tarball }) => [manifest.name, `file:${tarball}`]));
    const outside = { react: "18.3.1", "react-dom": "18.3.1", "happy-dom": readJson("packages/sdk-react/package.json").devDependencies["happy-dom"] };
    writeFileSync(
      join(folder, "package.json"),
      JSON.stringify({ private: true, type: "module", dependencies: { ...dependencies, ...outside }, overrides: dependencies }),
    );
    run("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline"], folder);
    const { version, ...seen } = JSON.parse(run(process.execPath, ["--input-type=module", "-e", page], folder));
    expect(version).toMatch(/^18[.]/);
    expect(seen).toEqual({ onServer: "<p>nobody</p>", shown: "guest-1", guests: ["/api/auth/guest"], mismatches: [] });
  });
});
