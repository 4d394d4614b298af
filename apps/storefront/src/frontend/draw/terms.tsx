/** Facts of a draw: each term with its value. */
export type Terms = readonly (readonly [term: string, value: string])[];

interface TermListProps {
  readonly terms: Terms;
  /** What the facts are, for ears, where no heading says it. */
  readonly label?: string;
  /** For values that have no spaces to break at. */
  readonly hasHashes?: boolean;
}

/** Facts of a draw, one a line. */
export function TermList({ terms, label, hasHashes = false }: TermListProps) {
  return (
    <dl className={hasHashes ? "draw-times hashes" : "draw-times"} aria-label={label}>
      {terms.map(([term, value]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
