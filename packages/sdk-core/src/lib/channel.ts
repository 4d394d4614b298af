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
    if (typeof BroadcastChannel === "function") return broadcastChannel(name);
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
    return {
      post: write,
      listen: (listener) =>
        listenTo(window, "storage", (event) => {
          const message = read(event);
          if (message !== null) listener(message);
        }),
      close: () => {},
    };
  } catch {
    ignore("no page, or a sandboxed one: it stands alone until it wakes");
    return null;
  }
}

function broadcastChannel(name: string): Channel {
  const inner = new BroadcastChannel(name);
  return {
    post: (message) => inner.postMessage(message),
    listen: (listener) => listenTo(inner, "message", (event) => listener((event as MessageEvent).data)),
    close: () => inner.close(),
  };
}

function listenTo(target: EventTarget, type: string, handle: (event: Event) => void): () => void {
  target.addEventListener(type, handle);
  return () => target.removeEventListener(type, handle);
}
