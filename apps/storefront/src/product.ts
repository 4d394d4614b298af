/** The one thing this shop sells; both sides of the shop read it here. Money is a decimal string. */
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

/** The price as people read it. */
export function formatMoney(amount: string, currency: string): string {
  return new Intl.NumberFormat("en-IE", { style: "currency", currency }).format(Number(amount));
}
