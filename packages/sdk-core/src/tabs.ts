import type { SyncChannel } from "@fanfare-io/fanfare-contract";
import { ignore } from "./lib/ignore.ts";
import { formatVersion } from "./lib/versioned-json.ts";

/** The other tabs of this organization on this origin. */
export interface Tabs {
  /** Says that the storage has changed; what changed is read from there. */
  announce(revision: number): void;
  /** Hears the revision that another tab announced; 0 where it is not about the session. */
  listen(listener: (revision: number) => void): () => void;
  close(): void;
}

/** Messages carry a version and a revision, never content (rule A6): a forged one can at most cause a re-read. */
export function openTabs(channel: SyncChannel | null): Tabs {
  return Object.freeze<Tabs>({
    announce(revision) {
      try {
        channel?.post({ v: formatVersion, revision });
      } catch {
        ignore("a closed or full channel; the other tabs re-read when they wake");
      }
    },
    listen: (listener) =>
      channel?.listen((message) => {
        const { v, revision } = (message ?? {}) as { v?: unknown; revision?: unknown };
        if (v === formatVersion) listener(typeof revision === "number" ? revision : 0);
      }) ?? (() => {}),
    close: () => channel?.close(),
  });
}
