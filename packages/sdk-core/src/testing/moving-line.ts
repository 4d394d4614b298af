import type { PublicQueue, QueueConsumerState } from "@fanfare-io/fanfare-contract";
import { admitted, queued } from "./launch.ts";
import type { ScriptedService } from "./scripted-service.ts";
import type { SimulatedClock } from "./simulated-clock.ts";

/** A line that lets in ten people a second, in order, and answers as the service does. */
export interface MovingLine {
  /** Gone from the front by now. */
  readonly departed: () => number;
  /** Lets that many leave at once from just behind the front. */
  leave(count: number): void;
  /** Changes what the shared body says. */
  say(changes: Partial<PublicQueue>): void;
}

const perSecond = 10;
const windowPeople = 1_800;
const blockSize = 512;

/** Scripts the line for a consumer who joins behind `ahead` people; the line begins to move at once. */
export function scriptMovingLine(service: ScriptedService, clock: SimulatedClock, ahead: number, retold: (seconds: number) => number): MovingLine {
  const began = clock.monotonic();
  const ticket = ahead + 1;
  const tail = ticket + 20_000;
  let left = 0;
  let changes: Partial<PublicQueue> = {};
  const departed = (): number => Math.floor(((clock.monotonic() - began) / 1000) * perSecond) + left;

  const own = (): QueueConsumerState => {
    const position = ticket - departed();
    if (position <= 0) return admitted(clock);
    const waitSeconds = position / perSecond;
    const follow = {
      blockSize,
      departedInBlock: Math.max(0, departed() - Math.floor(ticket / blockSize) * blockSize),
      aheadAtEntry: ahead,
      statusAfterSeconds: 900,
    };
    return queued(position, {
      ticket,
      progress: 1 - (position - 1) / ahead,
      estimate: { low: Math.floor(waitSeconds * 0.95), high: Math.ceil(waitSeconds * 1.05) },
      pollAfterSeconds: retold(waitSeconds),
      version: departed(),
      ...(position > windowPeople && { follow }),
    });
  };
  const shared = (): PublicQueue => {
    const from = Math.floor((departed() + 1) / blockSize) * blockSize;
    const counts = Array.from({ length: Math.ceil((tail - from) / blockSize) }, (_, index) => (index === 0 ? departed() - from + 1 : 0));
    return {
      id: "queue_1",
      experienceId: "exp_1",
      sequenceId: "seq_1",
      name: "Everyone",
      state: "open",
      openAt: null,
      closeAt: null,
      tail,
      waiting: tail - departed(),
      departed: departed(),
      admitRatePerMinute: perSecond * 60,
      positionDisplayMode: "precise",
      window: departed() + windowPeople,
      departures: { from, before: Math.max(0, from - 1), blockSize, counts },
      estimates: [100, 20_000].map((position) => ({ position, low: position / perSecond - 5, high: position / perSecond + 5 })),
      holdSeconds: 1_800,
      ordering: "fifo",
      pollAfterSeconds: 60,
      version: departed(),
      ...changes,
    };
  };
  service.answer("POST /queues/:id/enter", () => ({ status: 200, body: { ...own(), pollToken: "poll-1" } }));
  service.answer("GET /queues/:id/status", () => ({ status: 200, body: own() }));
  service.answer("GET /queues/:id", () => ({ status: 200, body: shared() }));
  return {
    departed,
    leave: (count) => void (left += count),
    say: (next) => void (changes = next),
  };
}
