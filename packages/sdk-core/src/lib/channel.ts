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
    if (typeof BroadcastChannel === "function") {
      const inner = new BroadcastChannel(name);
      return channelOver(
        inner,
        "message",
        (event) => (event as MessageEvent).data,
        (message) => inner.postMessage(message),
        () => inner.close(),
      );
    }
    const { localStorage } = window;
    const read = (event: Event): unknown => {
      const { key, newValue } = event as StorageEvent;
      return key === name && newValue ? JSON.parse(newValue) : null;
    };
    const write = (message: unknown): void => {
      // Written and removed: the event is the message, nothing stays behind.
      localStorage.setItem(name, JSON.stringify(message));
      localStorage.removeItem(name);
    };
    return channelOver(window, "storage", read, write, () => {});
  } catch {
    ignore("no page, or a sandboxed one: it stands alone until it wakes");
    return null;
  }
}

function channelOver(target: EventTarget, type: string, read: (event: Event) => unknown, post: (message: unknown) => void, close: () => void): Channel {
  return {
    post,
    listen(listener) {
      const handle = (event: Event): void => {
        const message = read(event);
        if (message !== null) listener(message);
      };
      target.addEventListener(type, handle);
      return () => target.removeEventListener(type, handle);
    },
    close,
  };
}
