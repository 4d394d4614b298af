/** What is asked of the thread in which a draw is computed. */
export type WorkbenchRequest =
  | { readonly kind: "begin"; readonly entries: number }
  | { readonly kind: "add"; readonly bytes: Uint8Array }
  | { readonly kind: "root" }
  | { readonly kind: "rank"; readonly key: Uint8Array; readonly winnerCount: number };

/** What it answers. */
export type WorkbenchReply =
  | { readonly kind: "ready" }
  | { readonly kind: "root"; readonly root: Uint8Array; readonly blockRoots: Uint8Array }
  | {
      readonly kind: "ranked";
      readonly ranked: number;
      readonly winners: readonly number[];
      readonly cutoff: string | null;
      /** Four bytes a rank. */
      readonly tickets: Uint8Array;
      /** Four bytes a ticket; 0 = takes no part. */
      readonly ranks: Uint8Array;
    };

/** Roots are kept over so many entries, so that the proof of one entry reads one block and not the list. A power of two, or they would be no nodes of the tree. */
export const entriesPerBlock = 1024;
