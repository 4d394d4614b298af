import type { ReactNode } from "react";
import { formatMoney, product } from "../../product.ts";
import { useTitle } from "../hooks.ts";
import { useShop } from "../shop-context.tsx";
import { words } from "../words.ts";

/** The piece in words, and in `children` what may be done about it now. */
export function ProductPanel({ children }: { readonly children: ReactNode }) {
  const { settings } = useShop();
  useTitle(words.title);
  return (
    <>
      <p className="eyebrow">{product.kind}</p>
      <h1 tabIndex={-1}>{product.name}</h1>
      <p className="lead">{product.story}</p>
      <ul className="facts">
        {product.facts.map((fact) => (
          <li key={fact}>{fact}</li>
        ))}
        <li>{product.maker}</li>
      </ul>
      <p className="price">
        <strong>{formatMoney(product.price, product.currency)}</strong> <span>{words.delivery}</span>{" "}
        <span>{words.edition(settings.left, settings.edition)}</span>
      </p>
      <div className="doing">{children}</div>
    </>
  );
}
