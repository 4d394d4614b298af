// `npm run generate` writes what is derived from the contract; a structure test compares, so that a forgotten run cannot be merged.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { errorPage } from "./error-page.mjs";
import { openApiDocument } from "./openapi.mjs";
import { root } from "./workspace.mjs";

/** Every generated file, and how its content is made. @type {Record<string, () => string>} */
export const generated = {
  "packages/contract/openapi/openapi.json": () => openApiDocument("consumer"),
  "packages/contract/openapi/openapi-admin.json": () => openApiDocument("admin"),
  "docs/errors.md": errorPage,
};

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const [path, make] of Object.entries(generated)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), make());
    console.log(`wrote ${path}`);
  }
}
