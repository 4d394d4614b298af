import type { QueueConsumerState } from "@fanfare-io/fanfare-contract";
import type { QueueKey } from "../../data/queue-entries.ts";
import { closeSeconds, farPollSeconds } from "../../domain/estimate.ts";
import { longestPollSeconds } from "../../domain/presence.ts";
import type { Follower } from "../../lines/follow.ts";
import type { LiveQueue } from "../../lines/live-queue.ts";
import type { Clock } from "../../platform/clock.ts";
import type { EventSink } from "../endpoint.ts";

/** Tells those near their turn of it as it comes, instead of at their next question. */
export interface StatusStreams {
  /** What to write to a waiter who asked for events; null where they have to go on asking: the turn is not near, or there is no room. */
  open(key: QueueKey, consumerId: string, state: QueueConsumerState): ((sink: EventSink) => () => void) | null;
  /** Tells everybody what has changed for them. */
  round(): void;
  /** Ends all streams, and opens no more, for a node that stops. Whoever listened asks another. */
  stop(): void;
  /** Streams that are open. */
  count(): number;
}

/** What streams need. */
export interface StatusStreamsDeps {
  readonly clock: Pick<Clock, "now">;
  readonly follower: Pick<Follower, "known">;
  /** Uniform in [0, 1): streams that were opened together must not end together. */
  readonly random: () => number;
  /** Streams at once; some ten kilobytes each beside their sockets. */
  readonly most?: number;
}

/** How often the lines are looked at for what has changed. */
export const streamPeriodMs = 200;
const usualMost = 2_000;
/** Two tabs of one shopper; the third asks. */
const mostOfOne = 2;
/** A position is not worth more than one event a second; a turn does not wait for it. */
const apartMs = 1_000;
/** Something is said this often whatever happens, so that a listener who hears nothing for longer knows that the stream is dead. */
const heartbeatMs = 10_000;

interface Stream {
  readonly consumerId: string;
  readonly sink: EventSink;
  readonly endsAt: number;
  said: { readonly at: number; readonly version: number; readonly text: string };
}

interface Room {
  readonly key: QueueKey;
  readonly streams: Set<Stream>;
}

/** The listener is to ask now: what has become of them is more than memory can say, or it is time to show that they are still there. */
const askNow = "event: ask\ndata: 1\n\n";

/** Makes the streams of a node. */
export function createStatusStreams({ clock, follower, random, most = usualMost }: StatusStreamsDeps): StatusStreams {
  const rooms = new Map<string, Room>();
  const openOf = new Map<string, number>();
  let open = 0;
  let stopped = false;

  function begin(key: QueueKey, consumerId: string, state: QueueConsumerState, sink: EventSink): () => void {
    const now = clock.now();
    const text = textOf(state);
    const room = rooms.get(nameOf(key)) ?? { key, streams: new Set<Stream>() };
    rooms.set(nameOf(key), room);
    const stream: Stream = {
      consumerId,
      sink,
      endsAt: now + lifeSeconds(state) * 1_000 * (0.8 + 0.2 * random()),
      said: { at: now, version: versionOf(state), text },
    };
    room.streams.add(stream);
    sink.send(eventOf(state));
    // Its answer was on its way when the node was told to stop.
    if (stopped) end(room, stream, "");
    return () => forget(room, stream);
  }

  function forget(room: Room, stream: Stream): void {
    if (!room.streams.delete(stream)) return;
    open--;
    const left = (openOf.get(stream.consumerId) ?? 1) - 1;
    if (left === 0) openOf.delete(stream.consumerId);
    else openOf.set(stream.consumerId, left);
    if (room.streams.size === 0) rooms.delete(nameOf(room.key));
  }

  function end(room: Room, stream: Stream, lastWords: string): void {
    forget(room, stream);
    if (lastWords !== "") stream.sink.send(lastWords);
    stream.sink.end();
  }

  function look(room: Room, stream: Stream, live: LiveQueue | undefined, now: number): void {
    if (live === undefined || now >= stream.endsAt) return end(room, stream, askNow);
    const silent = now - stream.said.at;
    if (live.version() === stream.said.version && silent < heartbeatMs) return;
    const state = live.standingOf(stream.consumerId, now);
    if (state?.status === "ADMITTED") return end(room, stream, eventOf(state));
    if (state?.status !== "QUEUED") return end(room, stream, askNow);
    if (silent < apartMs) return;
    const text = textOf(state);
    if (text !== stream.said.text || silent >= heartbeatMs) {
      stream.said = { at: now, version: state.version, text };
      stream.sink.send(eventOf(state));
    } else stream.said = { ...stream.said, version: state.version };
  }

  return Object.freeze<StatusStreams>({
    open(key, consumerId, state) {
      const has = openOf.get(consumerId) ?? 0;
      if (stopped || state.status !== "QUEUED" || state.stream !== true || open >= most || has >= mostOfOne) return null;
      const live = follower.known(key);
      if (live === undefined) return null;
      // Whoever listens need not ask again before the stream ends, and is there until then.
      live.meet(consumerId, clock.now(), lifeSeconds(state));
      open++;
      openOf.set(consumerId, has + 1);
      return (sink) => begin(key, consumerId, state, sink);
    },
    round() {
      const now = clock.now();
      for (const room of rooms.values()) {
        const live = follower.known(room.key);
        for (const stream of room.streams) look(room, stream, live, now);
      }
    },
    stop() {
      stopped = true;
      for (const room of rooms.values()) for (const stream of room.streams) end(room, stream, "");
    },
    count: () => open,
  });
}

const nameOf = (key: QueueKey): string => `${key.organizationId}\n${key.queueId}`;
const eventOf = (state: QueueConsumerState): string => `data: ${JSON.stringify(state)}\n\n`;
const versionOf = (state: QueueConsumerState): number => (state.status === "QUEUED" ? state.version : 0);

/**
 * A battery that dies closes no connection: only asking shows that somebody is there, so near the turn a stream lasts no longer than the
 * longest pause there. Far from it as long as the longest there, so that being told costs no more questions than asking.
 */
function lifeSeconds(state: QueueConsumerState): number {
  const isFar = state.status === "QUEUED" && (state.estimatedWaitTimeInSeconds ?? 0) > closeSeconds && state.pollAfterSeconds >= longestPollSeconds;
  return isFar ? farPollSeconds : longestPollSeconds;
}

/** What of a standing is news: not how long the place is kept, which each look moves on, nor the number of the change. */
function textOf(state: QueueConsumerState): string {
  return JSON.stringify({ ...state, heldUntil: null, version: 0 });
}
