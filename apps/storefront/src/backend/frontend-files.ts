import { readdirSync, readFileSync } from "node:fs";
import { extname, join, relative, sep } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { StartProblem } from "./config.ts";
import type { Context, MiddlewareHandler } from "hono";

interface BuiltFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly brotli: Uint8Array<ArrayBuffer> | null;
  readonly type: string;
  readonly cacheControl: string;
}

interface ManifestEntry {
  readonly file: string;
  readonly css?: readonly string[];
  readonly imports?: readonly string[];
}

/** The built frontend, held in memory: a few small files. */
export interface FrontendFiles {
  /** The front page's HTML before the shop's settings are written into it. */
  readonly indexHtml: string;
  /** Where the pages that the backend writes find their script and styles. */
  readonly counter: { readonly script: string; readonly styles: readonly string[] };
  readonly serve: MiddlewareHandler;
}

const types: Readonly<Record<string, string>> = {
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".webmanifest": "application/manifest+json",
};

/** Reads what Vite built. Raises a `StartProblem` when nothing is there. */
export function loadFrontend(directory: string): FrontendFiles {
  const manifest = readManifest(directory);
  const files = new Map(listFiles(directory).map((path) => [`/${path}`, readBuilt(directory, path)]));
  const entry = manifest["src/frontend/counter.ts"];
  if (entry === undefined) throw new StartProblem("The storefront's built pages are of another version: run `npm run build -w fanfare-storefront`.");
  return {
    indexHtml: readFileSync(join(directory, "index.html"), "utf8"),
    counter: { script: `/${entry.file}`, styles: stylesOf(manifest, entry).map((file) => `/${file}`) },
    serve: async (context, next) => {
      const file = files.get(context.req.path);
      if (file === undefined || !["GET", "HEAD"].includes(context.req.method)) return next();
      return send(context, file);
    },
  };
}

function readManifest(directory: string): Readonly<Record<string, ManifestEntry>> {
  try {
    return JSON.parse(readFileSync(join(directory, ".vite", "manifest.json"), "utf8")) as Record<string, ManifestEntry>;
  } catch (cause) {
    throw new StartProblem("The storefront's pages are not built yet: run `npm run build -w fanfare-storefront`.", { cause });
  }
}

function listFiles(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile() && extname(file.name) in types)
    .map((file) => relative(directory, join(file.parentPath, file.name)).split(sep).join("/"));
}

function readBuilt(directory: string, path: string): BuiltFile {
  const bytes = readFileSync(join(directory, path));
  const compressed = brotliCompressSync(bytes);
  return {
    bytes: new Uint8Array(bytes),
    brotli: compressed.length < bytes.length ? new Uint8Array(compressed) : null,
    type: types[extname(path)] ?? "application/octet-stream",
    // Vite writes a content hash into the names under assets/, so those never change.
    cacheControl: path.startsWith("assets/") ? "public, max-age=31536000, immutable" : "public, max-age=3600",
  };
}

function stylesOf(manifest: Readonly<Record<string, ManifestEntry>>, entry: ManifestEntry): string[] {
  const inherited = (entry.imports ?? []).flatMap((name) => (manifest[name] === undefined ? [] : stylesOf(manifest, manifest[name])));
  return [...new Set([...inherited, ...(entry.css ?? [])])];
}

function send(context: Context, file: BuiltFile): Response {
  const compress = file.brotli !== null && (context.req.header("accept-encoding") ?? "").includes("br");
  context.header("content-type", file.type);
  context.header("cache-control", file.cacheControl);
  context.header("vary", "accept-encoding");
  if (compress) context.header("content-encoding", "br");
  return context.body(compress && file.brotli !== null ? file.brotli : file.bytes);
}
