import { execFileSync } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { completeLock } from "./complete-lock.mjs";
import { published, readJson, root, workspaces } from "./workspace.mjs";

const text = (/** @type {string} */ path) => readFileSync(join(root, path), "utf8");

/** What belongs to the project: tracked, or new and not ignored; everything, where there is no git. */
function listFiles() {
  const listed = existsSync(join(root, ".git"))
    ? execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: root, encoding: "utf8" }).split("\n")
    : globSync("**/*.*", { cwd: root, exclude: ["**/node_modules/**", "**/dist/**", "**/.*/**"] });
  return listed.filter((path) => path !== "" && existsSync(join(root, path)));
}
const files = listFiles();
const sources = files.filter((path) => /[.](ts|tsx|mjs|css)$/.test(path) && path !== "tools/structure.test.mjs");
const readable = files.filter(
  (path) => /[.](ts|tsx|mjs|json|md|css|html|yml|sql)$/.test(path) && path !== "package-lock.json" && path !== "tools/structure.test.mjs",
);

describe("generated files", () => {
  // They are made as `npm run generate` makes them: in plain Node, from the sources.
  test("are what the contract says today", () => {
    const script = `import { generated } from "./tools/generated.mjs";
      console.log(JSON.stringify(Object.entries(generated).map(([path, make]) => [path, make()])));`;
    const made = JSON.parse(
      execFileSync(process.execPath, ["--input-type=module", "-e", script], { cwd: root, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 }),
    );
    const stale = made.filter((/** @type {[string, string]} */ [path, content]) => !existsSync(join(root, path)) || text(path) !== content);
    expect(
      stale.map((/** @type {[string, string]} */ [path]) => path),
      "run `npm run generate`",
    ).toEqual([]);
  });

  test.each(["openapi.json", "openapi-admin.json"])("%s is sound: every reference leads somewhere, every operation has its own name", (name) => {
    const raw = text(`packages/contract/openapi/${name}`);
    const document = JSON.parse(raw);
    const lost = [...raw.matchAll(/"\$ref": "#\/([^"]+)"/g)]
      .map(([, path = ""]) => path)
      .filter((path) => path.split("/").reduce((at, key) => at?.[key], document) === undefined);
    expect(lost).toEqual([]);
    const operations = Object.entries(document.paths).flatMap(([path, methods]) => Object.values(methods).map((one) => ({ path, ...one })));
    expect(operations.length).toBeGreaterThan(15);
    expect(new Set(operations.map((one) => one.operationId)).size).toBe(operations.length);
    for (const { path, parameters = [] } of operations) {
      const inPath = parameters.filter((/** @type {any} */ p) => p.in === "path").map((/** @type {any} */ p) => `{${p.name}}`);
      expect(path.match(/\{\w+\}/g) ?? []).toEqual(inPath);
    }
  });
});

describe("source files", () => {
  test("are found at all", () => {
    expect(sources.length).toBeGreaterThan(60);
  });

  test("stay short enough to be read: 500 lines, tests 800", () => {
    const limit = (/** @type {string} */ path) => (/[.](test|e2e)[.]/.test(path) ? 800 : 500);
    const long = sources.map((path) => ({ path, lines: text(path).split("\n").length })).filter(({ path, lines }) => lines > limit(path));
    expect(long).toEqual([]);
  });

  test("are named for what they hold: kebab-case, and no drawer for everything", () => {
    const drawers = /\/(utils?|helpers?|types|constants|misc|common)[.]tsx?$/;
    expect(sources.filter((path) => drawers.test(path))).toEqual([]);
    expect(sources.filter((path) => /[A-Z_]/.test((path.split("/").at(-1) ?? "").replace(/[.]tsx?$/, "")) && !path.endsWith(".tsx"))).toEqual([]);
  });
});

describe("what is written", () => {
  const offences = (/** @type {RegExp} */ banned, paths = readable) =>
    paths.flatMap((path) =>
      text(path)
        .split("\n")
        .flatMap((line, at) => (banned.test(line) ? [`${path}:${at + 1} ${line.trim().slice(0, 120)}`] : [])),
    );

  test("names no folder of anybody's machine", () => {
    expect(offences(/(^|[\s"'`(=:])\/(work|root|home|Users)\/[\w.-]/)).toEqual([]);
  });

  test("leaves nothing to do without saying where that is tracked", () => {
    expect(offences(/\b(TODO|FIXME|HACK)\b(?!\(#\d+\))/, sources)).toEqual([]);
  });

  test("holds no private key", () => {
    expect(offences(/BEGIN [A-Z ]*PRIVATE KEY/)).toEqual([]);
  });

  // Tests feed emoji to the code; that is data.
  test("has no emoji in code", () => {
    const code = sources.filter((path) => !/[.](test|e2e)[.]/.test(path));
    expect(offences(/\p{Extended_Pictographic}/u, code)).toEqual([]);
  });

  test("tests do not sleep", () => {
    const tests = sources.filter((path) => /[.]test[.]tsx?$/.test(path));
    expect(offences(/\bsleep\(|new Promise\(\(?\w+\)? => setTimeout\(\w+, [1-9]/, tests)).toEqual([]);
  });
});

describe("dependencies", () => {
  const table = new Map(
    [...text("docs/dependencies.md").matchAll(/^\| `([^`]+)` \| ([^|]+) \|/gm)].map(([, name = "", licence = ""]) => [name, licence.trim()]),
  );
  const manifests = ["", ...workspaces].map((folder) => ({ folder, manifest: readJson(join(folder, "package.json")) }));
  const used = manifests.flatMap(({ folder, manifest }) =>
    /** @type {const} */ (["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"]).flatMap((kind) =>
      Object.entries(manifest[kind] ?? {}).map(([name, version]) => ({ folder, kind, name, version: String(version) })),
    ),
  );
  const ours = new Set(manifests.map(({ manifest }) => manifest.name));
  const outside = used.filter(({ name }) => !ours.has(name));

  test("each stands in docs/dependencies.md with the reason for it, and nothing else does", () => {
    expect([...new Set(outside.map(({ name }) => name))].filter((name) => !table.has(name))).toEqual([]);
    expect([...table.keys()].filter((name) => !outside.some((one) => one.name === name))).toEqual([]);
  });

  test("each has the licence that the table says", () => {
    const licenceOf = (/** @type {string} */ name, /** @type {string} */ folder) =>
      [join(folder, "node_modules", name), join("node_modules", name)]
        .filter((at) => existsSync(join(root, at)))
        .map((at) => readJson(join(at, "package.json")).license)[0];
    const wrong = outside
      .filter(({ name, folder }) => licenceOf(name, folder) !== table.get(name))
      .map(({ name, folder }) => `${name}: ${licenceOf(name, folder)}`);
    expect([...new Set(wrong)]).toEqual([]);
  });

  test("are pinned exactly, but for peers", () => {
    expect(used.filter(({ kind, version }) => kind !== "peerDependencies" && !/^(npm:[\w@/-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
  });

  // The last is cryptography, which we do not write, and comes only into a page that is asked for work.
  test("of sdk-core are the contract, the stores and scrypt, and nothing more", () => {
    expect(Object.keys(readJson("packages/sdk-core/package.json").dependencies)).toEqual(["@fanfare-io/fanfare-contract", "nanostores"]);
  });
});

describe("the lock file", () => {
  const lock = readJson("package-lock.json");

  test("agrees with every package.json", () => {
    for (const folder of ["", ...workspaces]) {
      const { dependencies, devDependencies, peerDependencies } = readJson(join(folder, "package.json"));
      const { dependencies: a, devDependencies: b, peerDependencies: c } = lock.packages[folder];
      expect({ folder, dependencies: a, devDependencies: b, peerDependencies: c }, "run npm install").toEqual({
        folder,
        dependencies,
        devDependencies,
        peerDependencies,
      });
    }
  });

  test("names the builds for every platform, so that npm ci works on each", () => {
    expect(completeLock(lock), "run node tools/complete-lock.mjs").toEqual([]);
  });

  test("sends nobody to a private mirror", () => {
    expect(JSON.stringify(lock).match(/"resolved":"(?!https:\/\/registry\.npmjs\.org|packages\/|apps\/|bench|e2e)[^"]*"/g)).toBeNull();
  });
});

test("every published package carries the licence of the project", () => {
  const copies = published.map((folder) => text(join(folder, "LICENSE")));
  expect(new Set([text("LICENSE"), ...copies]).size).toBe(1);
});
