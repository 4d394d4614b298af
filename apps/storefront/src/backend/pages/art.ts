import { readFileSync } from "node:fs";
import { raw } from "hono/html";

/** The drawing of the piece, the same file that the frontend shows. Inline, so that it takes the page's colours. */
export const jar = raw(readFileSync(new URL("../../art/low-tide.svg", import.meta.url), "utf8"));
