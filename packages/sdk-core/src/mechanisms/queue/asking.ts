import type { Platform, QueueConsumerState } from "@fanfare-io/fanfare-contract";
import type { AuthorizedTransport } from "../../transport/authorized.ts";
import { toFanfareError, unexpectedAnswer } from "../../transport/fanfare-error.ts";
import type { Transport } from "../../transport/transport.ts";
import { queueEndpoints } from "./endpoints.ts";
import { isFar } from "./far.ts";
import type { FarPlace } from "./far.ts";
import { isQueueState } from "./standing.ts";

/** Asks where one consumer stands in one queue, in the cheapest way that is right. */
export interface Asking {
  /** The service itself. Raises what the transport raises. */
  own(version: number): Promise<QueueConsumerState>;
  /** Far from the turn the body that everybody reads, else the service itself. */
  cheapest(version: number): Promise<QueueConsumerState>;
  /** Takes in what an act of the shopper's was answered. */
  told(state: QueueConsumerState): void;
  keepToken(token: string): void;
  /** Forgets what was told and given to whoever sat here before they were known. */
  forget(): void;
  token(): string | null;
  /** Whether the service tells of news by itself for now, so that nothing need be asked. */
  isTold(): boolean;
  /** Whether to ask now for what the service would tell by itself. */
  isCalled(): boolean;
  /** Listens no more. */
  hush(): void;
  /** Whether the next question is the first one to the shared body: whoever joined together must not go on asking together. */
  beginsToFollow(): boolean;
}

/** What asking needs from outside. */
export interface AskingOptions {
  readonly queueId: string;
  readonly transport: Transport;
  readonly authorized: AuthorizedTransport;
  readonly platform: Pick<Platform, "clock" | "visibility">;
  /** From an earlier page. */
  readonly pollToken: string | null;
  /** Takes what the service tells by itself; null once it tells nothing more, and `now` whether that is a reason to ask at once. */
  readonly onNews: (state: QueueConsumerState | null, now: boolean) => void;
}

/** How long nothing is asked to be told: mostly there is a proxy that stays, but it may have been a network that was gone, or a page that was frozen. */
const blockedMs = 300_000;

/** Has asked nothing yet. */
export function createAsking({ queueId, transport, authorized, platform: { clock, visibility }, pollToken, onNews }: AskingOptions): Asking {
  let token = pollToken;
  /** Whether the service would tell of the turn as it comes; whether it had no room when asked last, or broke off; and until when events do not seem to come through to this page. */
  let offered = false;
  let declined = false;
  let blockedUntil = 0;
  let hush: (() => void) | null = null;
  /** A place far from the turn, when the service itself told of it, and whether the shared body has moved it on since. */
  let far: { readonly place: FarPlace; readonly at: number; readonly isFollowed: boolean } | null = null;

  /** A hidden tab would take a connection from those that are seen: browsers have few for one host. */
  const mayListen = (): boolean => clock.monotonic() >= blockedUntil && visibility.isVisible();
  const block = (): void => {
    blockedUntil = clock.monotonic() + blockedMs;
  };
  const told = (state: QueueConsumerState): void => {
    offered = state.status === "QUEUED" && state.stream === true;
    far = isFar(state) ? { place: state, at: clock.monotonic(), isFollowed: false } : null;
  };
  /** The cheap token first; where the service does not take it any more, the session itself. */
  const fetchOwn = async (version: number): Promise<QueueConsumerState> => {
    const call = { endpoint: queueEndpoints.getQueueStatus, id: queueId, attempts: 1, ...(version > 0 && { query: `version=${version}` }) };
    if (token !== null) {
      // Whether or not it was offered: whoever comes near by this question hears the rest as its answer.
      const events = mayListen();
      try {
        const answer = await transport.send({ ...call, events, authorization: `Poll ${token}` });
        declined = events && !(answer instanceof Response);
        return checkedState(answer instanceof Response ? await listen(answer) : answer);
      } catch (error) {
        const { status, code } = toFanfareError(error);
        // Somebody on the way waits for the end of the answer, even to pass its head on.
        if (events && code === "TIMEOUT") block();
        if (status !== 401) throw error;
        token = null;
      }
    }
    return checkedState(await authorized.send(call));
  };
  const hushNow = (): void => {
    hush?.();
    hush = null;
  };
  /** Hears the first event as the answer, and goes on listening. */
  const listen = async (response: Response): Promise<QueueConsumerState> => {
    try {
      const { startListening } = await import("./listening.ts");
      const stream = startListening(response, clock, (event) => {
        if (event.kind === "state") told(event.state);
        else {
          hush = null;
          declined = event.kind === "ended";
        }
        onNews(event.kind === "state" ? event.state : null, event.kind === "ask");
      });
      hush = stream.stop;
      return await stream.first;
    } catch (error) {
      hushNow();
      block();
      throw error;
    }
  };
  const own = async (version: number): Promise<QueueConsumerState> => {
    hushNow();
    const state = await fetchOwn(version);
    told(state);
    return state;
  };
  /** Null where only the service itself can say. */
  const shared = async (): Promise<QueueConsumerState | null> => {
    if (!far || clock.monotonic() - far.at > far.place.follow.statusAfterSeconds * 1000) return null;
    const { place, at } = far;
    // Whoever is near never needs it; where it does not come, the service itself is asked.
    const reader = await import("./shared.ts").catch(() => null);
    if (!reader) return null;
    const body = await transport.send({ endpoint: queueEndpoints.getQueue, id: queueId, attempts: 1, shared: true }).catch((error: unknown) => {
      // Out of reach, it is asked again later; refused, the service itself knows more.
      if (toFanfareError(error).retryable) throw error;
    });
    if (!reader.isPublicQueue(body)) return null;
    const { state, isNearNext } = reader.placeInShared(place, body, (seconds) => new Date(transport.serverNow() + seconds * 1000).toISOString());
    // Near by the next question: that one goes to the service at once, so that a turn that comes near is not asked for twice.
    far = isFar(state) && !isNearNext ? { place: state, at, isFollowed: true } : null;
    return state;
  };

  return Object.freeze<Asking>({
    own,
    cheapest: async (version) => (await shared()) ?? own(version),
    told,
    keepToken(next) {
      token = next;
    },
    forget() {
      token = null;
      far = null;
    },
    token: () => token,
    isTold: () => hush !== null,
    isCalled: () => offered && !declined && token !== null && mayListen(),
    hush: hushNow,
    beginsToFollow: () => far !== null && !far.isFollowed,
  });
}

/** @throws FanfareError `INVALID_RESPONSE` when this is no state of the contract. */
export function checkedState(answer: unknown): QueueConsumerState {
  if (isQueueState(answer)) return answer;
  throw unexpectedAnswer("/queues");
}
