/** A piece that this shop sells. */
export type PieceId = "low-tide" | "first-light";

/** What the shop's pages say of a piece. Money is a decimal string. */
export interface Piece {
  readonly name: string;
  readonly kind: string;
  readonly maker: string;
  readonly story: string;
  readonly facts: readonly string[];
  readonly price: string;
  readonly currency: string;
}

/** The piece that is sold by a line, and the shop's own name; both sides of the shop read it here. */
export const product = {
  shop: "Kiln Row",
  name: "Low Tide",
  kind: "Moon jar, wood-fired stoneware",
  maker: "Made by Ines Halvard",
  story: "Thrown in two halves and joined at the middle. Four days of driftwood fire drew the waterline; no two are alike.",
  facts: ["31 cm high, 30 cm wide", "Stoneware, ash glaze", "Numbered and signed"],
  price: "180.00",
  currency: "EUR",
  edition: 120,
} as const;

/** The piece that is given out by draw. */
export const drawPiece = {
  name: "First Light",
  kind: "Tea bowl, wood-fired stoneware",
  maker: "Made by Ines Halvard",
  story: "Where the flame met the ash, a sun came up over the horizon of the glaze. It happens to a bowl or two in a firing.",
  facts: ["8 cm high, 13 cm wide", "Stoneware, iron and ash glaze", "Numbered and signed"],
  price: "95.00",
  currency: "EUR",
} as const satisfies Piece;

/** Every piece, by its id in the shop's book. */
export const pieces: Readonly<Record<PieceId, Piece>> = { "low-tide": product, "first-light": drawPiece };

/** The price as people read it. */
export function formatMoney(amount: string, currency: string): string {
  return new Intl.NumberFormat("en-IE", { style: "currency", currency }).format(Number(amount));
}
