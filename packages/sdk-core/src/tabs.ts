import type { SyncChannel } from "@fanfare-io/fanfare-contract";
import { ignore } from "./lib/ignore.ts";
import type { Report } from "./lib/report.ts";

/** The other tabs of this organization on this origin. */
export interface Tabs {
  /** Says that the storage has changed; what changed is read from there. */
  announce(revision: number): void;
  listen(listener: () => void): () => void;
  close(): void;
}

const messageVersion = 1;

/** Messages carry a version and a revision, never content (rule A6): a forged one can at most cause a re-read. */
export function openTabs(channel: SyncChannel | null, report: Report): Tabs {
  return Object.freeze<Tabs>({
    announce(revision) {
      try {
        channel?.post({ v: messageVersion, revision });
      } catch {
        ignore("a closed or full channel; the other tabs re-read when they wake");
      }
    },
    listen: (listener) =>
      channel?.listen((message) => {
        if ((message as { v?: unknown } | null)?.v === messageVersion) listener();
      }) ?? (() => {}),
    close() {
      try {
        channel?.close();
      } catch (error) {
        report(error);
      }
    },
  });
}
