import { fileURLToPath } from "node:url";

// Which part of the house may know which. Every rule says what would go wrong without it; tools/boundaries.test.ts plants a breach of each and sees it caught.

// Tests, and what exists for them only (`src/testing/`), may reach further; neither is published.
const test = "([.](test|test-d|e2e)[.]|^packages/[^/]+/src/testing/)";
const sdk = "^packages/sdk-core/src";
const server = "^packages/server/src";
const contract = "^packages/contract/";
const ours = "^(packages|apps|bench|e2e)/";

/** One forbidden dependency. */
const forbid = (name, comment, from, to) => ({ name, comment, severity: "error", from, to });

/** A folder of the browser SDK that may know the contract, itself and what is named, and nothing else of ours. */
const sdkFolder = (folder, comment, ...mayKnow) =>
  forbid(
    `sdk-${folder}-knows-its-place`,
    comment,
    { path: `${sdk}/${folder}/`, pathNot: test },
    {
      path: ours,
      pathNot: [contract, ...[folder, ...mayKnow].map((known) => `${sdk}/${known}/`)],
    },
  );

export default {
  forbidden: [
    forbid(
      "no-cycles",
      "Two files that need each other are one file in two places; type-only circles count, because they hide the same knot.",
      {},
      { circular: true },
    ),
    forbid(
      "everything-resolves",
      "An import that resolves to nothing is an import that no rule below can see.",
      {},
      { couldNotResolve: true, pathNot: "^(cloudflare|virtual):" },
    ),
    forbid(
      "declared-dependencies-only",
      "What is not in a package's own package.json works here by hoisting and nowhere else.",
      { path: ours, pathNot: test },
      { dependencyTypes: ["npm-no-pkg", "npm-unknown"] },
    ),
    forbid(
      "no-development-dependency-at-run-time",
      "A published package brings only its `dependencies` along.",
      { path: "^packages/(contract|draw-proof|sdk-[a-z]+|server)/src/", pathNot: test },
      { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only", "npm-peer"], pathNot: "^node_modules/@types/" },
    ),
    forbid(
      "entry-points-only",
      "Another package's files move; its exports are a promise.",
      { path: "^(packages/[^/]+|apps/[^/]+|bench|e2e|tools)/" },
      {
        path: "^(packages|apps)/[^/]+/",
        pathNot: "^$1/",
        dependencyTypes: ["local"],
      },
    ),

    forbid("contract-stands-alone", "Everything reads the contract, so it reads nothing of ours.", { path: contract }, { path: ours, pathNot: contract }),
    forbid(
      "proof-stands-alone",
      "Whoever checks a draw must not need the house that made it.",
      { path: "^packages/draw-proof/" },
      { path: ours, pathNot: "^packages/draw-proof/" },
    ),
    forbid(
      "server-and-sdk-never-meet",
      "They agree by the contract; they meet only where they are tested and shown together.",
      { path: "^packages/server/" },
      { path: "^packages/sdk-" },
    ),
    forbid(
      "sdk-and-server-never-meet",
      "An SDK that imports the service would ship it to browsers.",
      { path: "^packages/sdk-" },
      { path: "^packages/server/" },
    ),
    forbid(
      "core-knows-no-other-sdk",
      "React, and the merchant's backend, build on the core or beside it, never under it.",
      { path: "^packages/sdk-core/" },
      { path: "^packages/sdk-(?!core/)" },
    ),
    forbid(
      "react-knows-core-only",
      "The React package is a thin skin over the core.",
      { path: "^packages/sdk-react/" },
      { path: "^packages/sdk-(?!core/|react/)" },
    ),
    forbid(
      "merchant-sdk-knows-contract-only",
      "The merchant's backend needs no browser code.",
      { path: "^packages/sdk-server/" },
      { path: "^packages/sdk-(?!server/)" },
    ),
    forbid(
      "nothing-published-knows-the-workshop",
      "Test tools, apps and benches depend on the packages, not the reverse.",
      { path: "^packages/(contract|draw-proof|sdk-[a-z]+|server)/" },
      { path: "^(packages/testing|apps|bench|e2e)/" },
    ),
    forbid(
      "apps-use-what-is-published",
      "An app that needs an internal shows that the SDK lacks something.",
      { path: "^apps/" },
      { path: "^packages/testing/" },
    ),
    forbid(
      "no-schemas-in-browsers",
      "A shopper's page must not download a validator: browser code reads the contract's types and constants only.",
      { path: "^(packages/sdk-[a-z]+|apps/[^/]+)/src/", pathNot: [test, "^apps/[^/]+/src/backend/"] },
      { path: ["^packages/contract/src/schemas/", "(^|/)node_modules/zod/"] },
    ),
    forbid(
      "no-node-in-sdks",
      "SDKs run in browsers and on edge runtimes, where node: does not exist.",
      { path: "^packages/(contract|draw-proof|sdk-[a-z]+)/src/", pathNot: test },
      { dependencyTypes: ["core"] },
    ),

    sdkFolder("lib", "Could live on npm without our product's name."),
    forbid("sdk-lib-knows-no-contract", "A library that knows our wire format is not one.", { path: `${sdk}/lib/`, pathNot: test }, { path: contract }),
    sdkFolder("transport", "Requests know nothing of who asks or why.", "lib"),
    sdkFolder("integrity", "Proofs are made from keys and requests, not from journeys.", "lib", "transport"),
    sdkFolder("auth", "A session lives without any journey.", "lib", "transport", "integrity"),
    sdkFolder("journey", "The journey runs the mechanisms; it knows a session only by its type.", "lib", "transport", "mechanisms", "auth"),
    sdkFolder("mechanisms", "A mechanism may name the journey's types, and knows neither sessions nor the client.", "lib", "transport", "journey"),
    forbid(
      "journey-knows-auth-by-type",
      "The journey is handed what it needs of a session.",
      { path: `${sdk}/journey/`, pathNot: test },
      { path: `${sdk}/auth/`, dependencyTypesNot: ["type-only"] },
    ),
    forbid(
      "mechanisms-know-journey-by-type",
      "Mechanisms are registered with the journey; calling back into it ties the knot.",
      { path: `${sdk}/mechanisms/`, pathNot: test },
      {
        path: `${sdk}/journey/`,
        dependencyTypesNot: ["type-only"],
      },
    ),
    forbid(
      "mechanisms-stay-apart",
      "A queue that knows a draw can no longer be loaded, changed or removed alone.",
      { path: `${sdk}/mechanisms/([^/]+)/` },
      {
        path: `${sdk}/mechanisms/[^/]+/`,
        pathNot: `${sdk}/mechanisms/$1/`,
      },
    ),
    forbid(
      "only-the-front-knows-the-client",
      "The composition root is where everything meets, so nothing may lean back on it.",
      { path: `${sdk}/(?!index|client)`, pathNot: [test, `${sdk}/harness/`] },
      {
        path: `${sdk}/(client|index)[.]ts$`,
      },
    ),

    forbid(
      "domain-decides-only",
      "Decisions are made from given facts: no data, no HTTP, no platform, so that each is a table-driven test.",
      { path: `${server}/domain/`, pathNot: test },
      {
        path: ours,
        pathNot: [`${server}/domain/`, contract, "^packages/draw-proof/"],
      },
    ),
    forbid(
      "domain-has-no-effects",
      "Reading files, sockets or clocks is not a decision; hashing is.",
      { path: `${server}/domain/`, pathNot: test },
      { dependencyTypes: ["core"], pathNot: "^(node:)?crypto$" },
    ),
    forbid(
      "data-knows-no-http-or-jobs",
      "A statement does not care who asked for it.",
      { path: `${server}/data/`, pathNot: test },
      { path: `${server}/(http|jobs|app|main)` },
    ),
    forbid("jobs-know-no-http", "A job runs whether or not anyone is connected.", { path: `${server}/jobs/`, pathNot: test }, { path: `${server}/http/` }),
    forbid(
      "only-main-knows-the-app",
      "Wiring is at the edge; nothing inside reaches for it.",
      { path: `${server}/[a-z-]+/`, pathNot: [test, `${server}/(cli|wiring)/`] },
      { path: `${server}/((app|main|index)[.]ts$|wiring/)` },
    ),
  ],
  options: {
    doNotFollow: { path: ["node_modules", "/dist/"] },
    exclude: { path: ["/dist/", "[.]cache/"] },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    tsConfig: { fileName: fileURLToPath(new URL("tsconfig.base.json", import.meta.url)) },
    enhancedResolveOptions: {
      conditionNames: ["@fanfare-io/source", "types", "import", "node", "default"],
      exportsFields: ["exports"],
      extensions: [".ts", ".tsx", ".d.ts", ".mjs", ".js", ".json"],
      mainFields: ["types", "typings", "module", "main"],
    },
  },
};
