import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import rules from "../.dependency-cruiser.mjs";
import { checkBoundaries } from "./boundaries.mjs";
import { root, workspaces } from "./workspace.mjs";

// A small house with the floor plan of ours in which everybody keeps to their room.
const lawful = {
  "packages/contract/src/index.ts": `export { routes } from "./routes.ts";`,
  "packages/contract/src/routes.ts": `export const routes = {};\nexport interface Wire {}`,
  "packages/contract/src/schemas/index.ts": `import { z } from "zod";\nexport const schema = z.string();`,
  "packages/sdk-core/src/lib/emitter.ts": `export const emitter = 1;`,
  "packages/sdk-core/src/transport/request.ts": `import { emitter } from "../lib/emitter.ts";\nimport { routes } from "@fanfare-io/fanfare-contract";\nexport const request = [emitter, routes];`,
  "packages/sdk-core/src/auth/session.ts": `import { request } from "../transport/request.ts";\nexport const session = request;\nexport interface Session {}`,
  "packages/sdk-core/src/journey/state.ts": `export interface State {}`,
  "packages/sdk-core/src/journey/runner.ts": `import type { Session } from "../auth/session.ts";\nimport { queue } from "../mechanisms/queue/queue.ts";\nexport const run = (_: Session) => queue;`,
  "packages/sdk-core/src/mechanisms/queue/queue.ts": `import type { State } from "../../journey/state.ts";\nimport { emitter } from "../../lib/emitter.ts";\nexport const queue = (_: State) => emitter;`,
  "packages/sdk-core/src/mechanisms/draw/draw.ts": `export const draw = 1;`,
  "packages/sdk-core/src/client.ts": `import { session } from "./auth/session.ts";\nimport { run } from "./journey/runner.ts";\nexport const client = [session, run];`,
  "packages/sdk-core/src/index.ts": `export { client } from "./client.ts";`,
  "packages/sdk-react/src/index.ts": `import { client } from "@fanfare-io/fanfare-sdk-core";\nexport const provider = client;`,
  "packages/sdk-server/src/index.ts": `import { routes } from "@fanfare-io/fanfare-contract";\nexport const grants = routes;`,
  "packages/server/src/domain/decide.ts": `import { createHash } from "node:crypto";\nexport const decide = () => createHash("sha256");`,
  "packages/server/src/data/rows.ts": `import { decide } from "../domain/decide.ts";\nexport const rows = decide;`,
  "packages/server/src/http/answer.ts": `import { schema } from "@fanfare-io/fanfare-contract/schemas";\nimport { rows } from "../data/rows.ts";\nexport const answer = [schema, rows];`,
  "packages/server/src/jobs/admit.ts": `import { rows } from "../data/rows.ts";\nexport const admit = rows;`,
  "packages/server/src/app.ts": `import { answer } from "./http/answer.ts";\nexport const app = answer;`,
  "packages/server/src/index.ts": `export { app } from "./app.ts";`,
  "packages/testing/src/index.ts": `import { client } from "@fanfare-io/fanfare-sdk-core";\nimport { app } from "@fanfare-io/fanfare-server";\nexport const meet = [client, app];`,
  "apps/storefront/src/shop.ts": `import { provider } from "@fanfare-io/fanfare-sdk-react";\nexport const shop = provider;`,
};

// rule → the file that breaks it, and how.
const planted = {
  "no-cycles": ["packages/sdk-core/src/lib/knot.ts", `import type { B } from "./tangle.ts";\nexport type A = B[];`],
  "everything-resolves": ["packages/sdk-core/src/lib/lost.ts", `import "./nowhere.ts";`],
  "declared-dependencies-only": ["packages/sdk-core/src/lib/hoisted.ts", `import "kysely";`],
  "no-development-dependency-at-run-time": ["packages/sdk-react/src/workbench.ts", `import "happy-dom";`],
  "entry-points-only": ["packages/sdk-react/src/burglar.ts", `import "../../sdk-core/src/lib/emitter.ts";`],
  "contract-stands-alone": ["packages/contract/src/curious.ts", `import "../../sdk-core/src/lib/emitter.ts";`],
  "proof-stands-alone": ["packages/draw-proof/src/curious.ts", `import "../../sdk-core/src/lib/emitter.ts";`],
  "server-and-sdk-never-meet": ["packages/server/src/http/friend.ts", `import "@fanfare-io/fanfare-sdk-core";`],
  "sdk-and-server-never-meet": ["packages/sdk-core/src/lib/friend.ts", `import "@fanfare-io/fanfare-server";`],
  "core-knows-no-other-sdk": ["packages/sdk-core/src/upside.ts", `import "@fanfare-io/fanfare-sdk-react";`],
  "react-knows-core-only": ["packages/sdk-react/src/merchant.ts", `import "@fanfare-io/fanfare-sdk-server";`],
  "merchant-sdk-knows-contract-only": ["packages/sdk-server/src/browser.ts", `import "@fanfare-io/fanfare-sdk-core";`],
  "nothing-published-knows-the-workshop": ["packages/server/src/http/rehearsal.ts", `import "@fanfare-io/fanfare-testing";`],
  "apps-use-what-is-published": ["apps/storefront/src/shortcut.ts", `import "@fanfare-io/fanfare-testing";`],
  "no-schemas-in-browsers": ["packages/sdk-core/src/auth/heavy.ts", `import "@fanfare-io/fanfare-contract/schemas";`],
  "no-node-in-sdks": ["packages/sdk-server/src/files.ts", `import "node:fs";`],
  "sdk-lib-knows-its-place": ["packages/sdk-core/src/lib/worldly.ts", `import "../transport/request.ts";`],
  "sdk-lib-knows-no-contract": ["packages/sdk-core/src/lib/wired.ts", `import type { Wire } from "@fanfare-io/fanfare-contract";\nexport type W = Wire;`],
  "sdk-transport-knows-its-place": ["packages/sdk-core/src/transport/nosy.ts", `import "../auth/session.ts";`],
  "sdk-integrity-knows-its-place": ["packages/sdk-core/src/integrity/nosy.ts", `import "../journey/state.ts";`],
  "sdk-auth-knows-its-place": ["packages/sdk-core/src/auth/wanderer.ts", `import "../journey/runner.ts";`],
  "sdk-journey-knows-its-place": ["packages/sdk-core/src/journey/proofs.ts", `import "../integrity/nosy.ts";`],
  "sdk-mechanisms-knows-its-place": ["packages/sdk-core/src/mechanisms/draw/login.ts", `import "../../auth/session.ts";`],
  "journey-knows-auth-by-type": ["packages/sdk-core/src/journey/login.ts", `import { session } from "../auth/session.ts";\nexport const s = session;`],
  "mechanisms-know-journey-by-type": [
    "packages/sdk-core/src/mechanisms/draw/caller.ts",
    `import { run } from "../../journey/runner.ts";\nexport const r = run;`,
  ],
  "mechanisms-stay-apart": ["packages/sdk-core/src/mechanisms/draw/neighbour.ts", `import "../queue/queue.ts";`],
  "only-the-front-knows-the-client": ["packages/sdk-core/src/journey/leaning.ts", `import "../client.ts";`],
  "domain-decides-only": ["packages/server/src/domain/reader.ts", `import "../data/rows.ts";`],
  "domain-has-no-effects": ["packages/server/src/domain/opener.ts", `import "node:fs";`],
  "data-knows-no-http-or-jobs": ["packages/server/src/data/answerer.ts", `import "../http/answer.ts";`],
  "jobs-know-no-http": ["packages/server/src/jobs/caller.ts", `import "../http/answer.ts";`],
  "only-main-knows-the-app": ["packages/server/src/jobs/rewire.ts", `import "../app.ts";`],
};
const accomplices = { "packages/sdk-core/src/lib/tangle.ts": `import type { A } from "./knot.ts";\nexport type B = A[];` };

/** @param {Record<string, string>} files */
function buildHouse(files) {
  const tree = realpathSync(mkdtempSync(join(tmpdir(), "fanfare-boundaries-")));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), text);
  }
  mkdirSync(join(tree, "node_modules/@fanfare-io"), { recursive: true });
  for (const folder of workspaces.filter((w) => w.startsWith("packages/"))) {
    cpSync(join(root, folder, "package.json"), join(tree, folder, "package.json"));
    symlinkSync(join(tree, folder), join(tree, "node_modules/@fanfare-io", folder.replace("packages/", "fanfare-")));
  }
  for (const stranger of ["zod", "kysely", "happy-dom"]) {
    mkdirSync(join(tree, "node_modules", stranger));
    writeFileSync(join(tree, "node_modules", stranger, "package.json"), JSON.stringify({ name: stranger, version: "1.0.0", main: "index.js" }));
    writeFileSync(join(tree, "node_modules", stranger, "index.js"), "exports.z = {};");
  }
  cpSync(join(root, "apps/storefront/package.json"), join(tree, "apps/storefront/package.json"));
  return tree;
}

describe("the boundary checker", () => {
  /** @type {string[]} */
  const houses = [];
  /** @type {{ rule: string, from: string }[]} */
  let caught = [];

  beforeAll(() => {
    const breaches = Object.fromEntries(Object.values(planted).map(([path, text]) => [path, `${text}\nexport {};`]));
    const house = buildHouse({ ...lawful, ...accomplices, ...breaches });
    houses.push(house);
    caught = checkBoundaries({ tree: house, atLeast: 30 }).violations;
  }, 60_000);
  afterAll(() => {
    for (const house of houses) rmSync(house, { recursive: true, force: true });
  });

  test("has a planted breach for every rule", () => {
    expect(new Set(rules.forbidden.map((rule) => rule.name))).toEqual(new Set(Object.keys(planted)));
  });

  test.each(Object.entries(planted))("catches what %s forbids", (rule, [path]) => {
    expect(caught.filter((violation) => violation.from === path).map((violation) => violation.rule)).toContain(rule);
  });

  test("lets a lawful house pass", { timeout: 60_000 }, () => {
    const house = buildHouse(lawful);
    houses.push(house);
    expect(checkBoundaries({ tree: house, atLeast: 20 }).violations).toEqual([]);
  });

  test("refuses to call an empty house lawful", { timeout: 60_000 }, () => {
    const house = buildHouse({ "packages/contract/readme.txt": "no modules here" });
    houses.push(house);
    expect(() => checkBoundaries({ tree: house, atLeast: 1 })).toThrow(/proves nothing|did not answer/);
  });

  test("explains every rule", () => {
    for (const rule of rules.forbidden) expect(rule.comment.length, rule.name).toBeGreaterThan(30);
  });
});
