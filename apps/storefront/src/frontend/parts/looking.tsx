interface LookingProps {
  readonly hasFailed: boolean;
  readonly start: () => Promise<void>;
  readonly words: { readonly looking: string; readonly tryAgain: string; readonly unreachable: string };
}

/** Until the page knows what may be done, and when it cannot find out. */
export function Looking({ hasFailed, start, words }: LookingProps) {
  if (!hasFailed) {
    return (
      <button type="button" className="action" aria-disabled="true">
        {words.looking}
      </button>
    );
  }
  return (
    <>
      <button type="button" className="action" onClick={() => void start()}>
        {words.tryAgain}
      </button>
      <p className="note" role="alert">
        {words.unreachable}
      </p>
    </>
  );
}
