import type { SyncChannel } from "@fanfare-io/fanfare-contract";
import { ignore } from "./lib/ignore.ts";
import { formatVersion } from "./lib/versioned-json.ts";

/** The other tabs of this organization on this origin. */
export interface Tabs {
  /** Says that the storage has changed; what changed is read from there. */
  announce(revision: number): void;
  listen(listener: () => void): () => void;
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
        if ((message as { v?: unknown } | null)?.v === formatVersion) listener();
      }) ?? (() => {}),
    close: () => channel?.close(),
  });
}
