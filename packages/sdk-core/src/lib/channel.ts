import { ignore } from "./ignore.ts";

/** Messages between the pages of one origin; never delivered to the sender. */
export interface Channel {
  post(message: unknown): void;
  listen(listener: (message: unknown) => void): () => void;
  close(): void;
}

/** A BroadcastChannel where there is one, else storage events; null where the browser has neither. */
export function openChannel(name: string): Channel | null {
  try {
    if (typeof BroadcastChannel === "function") return broadcastChannel(new BroadcastChannel(name));
    if (typeof window === "object" && window.localStorage) return storageEventChannel(name, window);
  } catch {
    ignore("sandboxed pages throw here; each page then stands alone until it wakes");
  }
  return null;
}

function broadcastChannel(inner: BroadcastChannel): Channel {
  return Object.freeze<Channel>({
    post: (message) => inner.postMessage(message),
    listen(listener) {
      const handle = (event: MessageEvent): void => listener(event.data);
      inner.addEventListener("message", handle);
      return () => inner.removeEventListener("message", handle);
    },
    close: () => inner.close(),
  });
}

function storageEventChannel(name: string, page: Window): Channel {
  const handles = new Set<(event: StorageEvent) => void>();
  return Object.freeze<Channel>({
    post(message) {
      // Written and removed: the event is the message, nothing stays behind.
      page.localStorage.setItem(name, JSON.stringify(message));
      page.localStorage.removeItem(name);
    },
    listen(listener) {
      const handle = (event: StorageEvent): void => {
        if (event.key !== name || !event.newValue) return;
        try {
          listener(JSON.parse(event.newValue));
        } catch {
          ignore("another script's text under our name is not a message");
        }
      };
      handles.add(handle);
      page.addEventListener("storage", handle);
      return () => page.removeEventListener("storage", handle);
    },
    close() {
      for (const handle of handles) page.removeEventListener("storage", handle);
    },
  });
}
