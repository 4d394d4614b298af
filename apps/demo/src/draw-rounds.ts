import { setTimeout as pause } from "node:timers/promises";
import type { Draw, Page } from "@fanfare-io/fanfare-contract";
import { createAdminClient } from "./admin-client.ts";

/** One draw after another, each a draw of its own with rules and seed fixed before it opens. */
export interface DrawRounds {
  /** Makes no more of them; the one that is open is drawn by the service whenever it runs again. */
  stop(): Promise<void>;
}

/** What keeping rounds going needs. */
export interface DrawRoundsOptions {
  readonly adminUrl: string;
  readonly secretKey: string;
  readonly sequenceId: string;
  /** Called when entries are open, with how long they will be. */
  readonly onOpen: (openForMs: number) => void;
  readonly onFault: (error: unknown) => void;
}

// Short enough to be waited for, long enough to read the page, withdraw, and enter again.
const openForMs = 100_000;
const drawnAfterMs = 10_000;
/** Two bowls of a firing. */
const winnerCount = 2;
/** A visitor may still check the last few; older ones would only slow the routing down. */
const roundsKept = 5;

/** Keeps a draw open while the demo runs: the next one opens when the last one closes. */
export function startDrawRounds({ adminUrl, secretKey, sequenceId, onOpen, onFault }: DrawRoundsOptions): DrawRounds {
  const admin = createAdminClient(adminUrl, secretKey);
  const closing = new AbortController();

  /** When the open round closes, in milliseconds since 1970; a round is made where none is open. */
  async function ensureRound(): Promise<number> {
    const rounds = (await admin.get<Page<Draw>>("/draws?first=20"))?.data.filter((draw) => draw.sequenceId === sequenceId && !draw.archived) ?? [];
    for (const { id } of rounds.filter(({ state }) => state === "drawn" || state === "cancelled").slice(roundsKept)) await admin.remove(`/draws/${id}`);
    const open = rounds.find(({ state }) => state === "open");
    if (open?.closeAt) return Date.parse(open.closeAt);
    const closeAt = Date.now() + openForMs;
    const at = (instant: number): string => new Date(instant).toISOString();
    await admin.post("/draws", {
      sequenceId,
      name: "First Light",
      closeAt: at(closeAt),
      drawAt: at(closeAt + drawnAfterMs),
      winnerCount,
      admissionExpirationSeconds: 300,
    });
    return closeAt;
  }

  async function keepGoing(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        const left = (await ensureRound()) - Date.now();
        onOpen(left);
        await pause(Math.max(1_000, left), undefined, { signal: closing.signal });
      } catch (error) {
        if (closing.signal.aborted) return;
        onFault(error);
        await pause(openForMs, undefined, { signal: closing.signal }).catch(() => undefined);
      }
    }
  }
  const going = keepGoing();
  return Object.freeze({
    async stop() {
      closing.abort();
      await going;
    },
  });
}
