import type { FanfareErrorShape } from "@fanfare-io/fanfare-sdk-react";

interface LookingProps {
  readonly error: FanfareErrorShape | null;
  readonly start: () => Promise<void>;
  readonly words: { readonly looking: string; readonly tryAgain: string; readonly unreachable: string };
}

/** Until the page knows what may be done, and when it cannot find out. */
export function Looking({ error, start, words }: LookingProps) {
  if (error === null) {
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
