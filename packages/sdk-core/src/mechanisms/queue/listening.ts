import type { Platform, QueueConsumerState } from "@fanfare-io/fanfare-contract";
import { createAlarm } from "../../lib/alarm.ts";
import { ignore } from "../../lib/ignore.ts";
import { FanfareError } from "../../transport/fanfare-error.ts";
import { isQueueState } from "./standing.ts";

/** What a stream of events says: a standing; to ask now; that nothing more comes. */
export type Heard = { readonly kind: "state"; readonly state: QueueConsumerState } | { readonly kind: "ask" } | { readonly kind: "ended" };

/** A stream that is listened to. */
export interface Listening {
  /** The first standing. @throws FanfareError `TIMEOUT` where somebody on the way holds events back. */
  readonly first: Promise<QueueConsumerState>;
  /** Hangs up; nothing is heard any more. */
  stop(): void;
}

/** The service speaks at once: who hears nothing for so long has a proxy between that waits for the end. */
const firstWithinMs = 4_000;
/** It says something every ten seconds; longer silence is a connection that nobody has closed. */
const silentMs = 16_000;

/** Reads the events of an answer. What comes after the first standing goes to the listener, which is told of the end exactly once, unless it hung up itself. */
export function startListening(response: Response, clock: Platform["clock"], listener: (heard: Heard) => void): Listening {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const alarm = createAlarm(clock);
  let isFirst = true;
  let isOver = false;

  const stop = (): void => {
    isOver = true;
    alarm.cancel();
    reader?.cancel().catch(() => {
      ignore("it has ended already");
    });
  };
  const first = new Promise<QueueConsumerState>((resolve, reject) => {
    const end = (kind: "ask" | "ended"): void => {
      if (isOver) return;
      stop();
      if (isFirst) reject(new FanfareError("TIMEOUT", "The service's events do not come through.", { retryable: true }));
      else listener({ kind });
    };
    const hear = (event: string): void => {
      const data = /^data: (.*)$/m.exec(event)?.[1];
      if (event.startsWith("event: ask")) return end("ask");
      const state: unknown = data && parsed(data);
      if (isOver || !isQueueState(state)) return;
      if (isFirst) resolve(state);
      else listener({ kind: "state", state });
      isFirst = false;
    };
    const read = async (): Promise<void> => {
      let text = "";
      for (;;) {
        const piece = await reader?.read();
        if (!piece || piece.done || isOver) return end("ended");
        alarm.set(silentMs, () => end("ended"));
        const events = (text + piece.value).split("\n\n");
        text = events.pop() ?? "";
        for (const event of events) hear(event);
      }
    };
    alarm.set(firstWithinMs, () => end("ended"));
    read().catch(() => end("ended"));
  });
  return { first, stop };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    ignore("not of this service; the next question will tell");
    return null;
  }
}
