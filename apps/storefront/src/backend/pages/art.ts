import { readFileSync } from "node:fs";
import { raw } from "hono/html";
import type { PieceId } from "../../product.ts";

type Art = ReturnType<typeof raw>;

const drawing = (piece: PieceId): Art => raw(readFileSync(new URL(`../../art/${piece}.svg`, import.meta.url), "utf8"));

/** The drawing of each piece, the same file that the frontend shows. Inline, so that it takes the page's colours. */
export const art: Readonly<Record<PieceId, Art>> = { "low-tide": drawing("low-tide"), "first-light": drawing("first-light") };
