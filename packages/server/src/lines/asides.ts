import type { BotCheck } from "@fanfare-io/fanfare-contract";
import type { Aside } from "../data/entry-checks.ts";
import { answerMs } from "../domain/risk.ts";

/** The waiters of one queue who have something to show first, as far as this node knows. Named by their tickets. */
export interface Asides {
  take(asides: readonly Aside[]): void;
  /** What the database knows of their time by now; whoever is not asked any more stays so. */
  refresh(asides: readonly Aside[]): void;
  forget(tickets: readonly number[]): void;
  count(): number;
  /** What the holder of a ticket is asked, from now on at the latest; undefined for whoever is not. */
  ask(ticket: number, now: number): BotCheck | undefined;
  /** Whom this node was the first to ask, and until when their places are held; each is told once. */
  takeShown(): readonly { readonly ticket: number; readonly heldUntil: number }[];
}

/** Knows of none. */
export function createAsides(): Asides {
  const asked = new Map<number, { readonly reasons: Aside["reasons"]; heldUntil: number | null }>();
  let shown: { readonly ticket: number; readonly heldUntil: number }[] = [];
  return Object.freeze<Asides>({
    take(asides) {
      for (const { ticket, isBack, reasons, heldUntil } of asides) {
        if (isBack) asked.delete(ticket);
        // What this node has shown stands until the database says otherwise.
        else asked.set(ticket, { reasons, heldUntil: heldUntil ?? asked.get(ticket)?.heldUntil ?? null });
      }
    },
    refresh(asides) {
      for (const { ticket, heldUntil } of asides) {
        const question = asked.get(ticket);
        if (question !== undefined && heldUntil !== null) question.heldUntil = heldUntil;
      }
    },
    forget(tickets) {
      if (asked.size > 0) for (const ticket of tickets) asked.delete(ticket);
    },
    count: () => asked.size,
    ask(ticket, now) {
      const question = asked.get(ticket);
      if (question === undefined) return undefined;
      if (question.heldUntil === null) {
        question.heldUntil = now + answerMs;
        shown.push({ ticket, heldUntil: question.heldUntil });
      }
      return { gate: "bot_check", reasons: question.reasons, heldUntil: new Date(question.heldUntil).toISOString() };
    },
    takeShown() {
      const taken = shown;
      shown = [];
      return taken;
    },
  });
}
