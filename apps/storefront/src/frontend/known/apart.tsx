import { useFanfareAuth } from "@fanfare-io/fanfare-sdk-react";
import { knownWords } from "./known-words.ts";

/** Why the place is another: somebody at the shop has undone that this visit belongs to an account. Nothing for everybody else. */
export function Apart({ inLine }: { readonly inLine: boolean }) {
  const { session } = useFanfareAuth();
  if (session?.type !== "guest" || session.unlinked === undefined || session.unlinked.reentered.length === 0) return null;
  return (
    <p className="note apart" role="status">
      {inLine ? knownWords.apart : knownWords.apartOut}
    </p>
  );
}
