import type { Platform } from "@fanfare-io/fanfare-sdk-core";
import { createTabWorld, type SimulatedClock, type ScriptedService } from "@fanfare-io/fanfare-sdk-core/testing";
import { configure, screen, waitFor } from "@testing-library/react";
import { acting } from "./react-page.ts";

// A busy machine is no reason to fail.
configure({ asyncUtilTimeout: 15_000 });

/** A browser page with a launch behind it, and a count of what the SDK keeps open in it. */
export interface PageWorld {
  readonly platform: Platform;
  readonly service: ScriptedService;
  /** Lets time pass, and React draw what follows from it. */
  readonly pass: (milliseconds: number) => Promise<void>;
  /** Lets time pass until the page shows the text; raises when it never does. */
  readonly until: (text: string) => Promise<HTMLElement>;
  /** What is open now: armed timers, channels, listeners for the page's waking. */
  readonly open: () => { readonly timers: number; readonly channels: number; readonly wakers: number };
}

/** The position that the line begins with; each question moves it up by one. */
export const firstPosition = 100;

const consumerId = "01936d6e-0000-7000-8000-000000000001";

/** Creates a page whose experience `exp_launch` leads to a line that moves at each poll. */
export function createPageWorld(): PageWorld {
  const { clock, service, openTab } = createTabWorld();
  scriptLaunch(service, clock);
  const { platform } = openTab();
  const open = { channels: 0, wakers: 0 };
  const counted: Platform = {
    ...platform,
    channel: (name) => {
      const channel = platform.channel(name);
      if (channel === null) return channel;
      open.channels += 1;
      return {
        ...channel,
        close: () => {
          open.channels -= 1;
          channel.close();
        },
      };
    },
    visibility: {
      ...platform.visibility,
      onWake: (listener) => {
        open.wakers += 1;
        const stop = platform.visibility.onWake(listener);
        return () => {
          open.wakers -= 1;
          stop();
        };
      },
    },
  };
  const pass = (milliseconds: number): Promise<void> => acting(() => clock.advance(milliseconds));
  return {
    platform: counted,
    service,
    pass,
    // The code of journeys comes by `import()`, which no simulated clock drives.
    until: (text) =>
      waitFor(async () => {
        await pass(10);
        return screen.getByText(text);
      }),
    open: () => ({ ...open, timers: clock.pending() }),
  };
}

function scriptLaunch(service: ScriptedService, clock: SimulatedClock): void {
  const inAnHour = (): string => new Date(clock.now() + 3_600_000).toISOString();
  let position = firstPosition;
  const queued = (): object => ({
    status: "QUEUED",
    ticket: 7,
    position,
    waitingAhead: position - 1,
    positionDisplayMode: "precise",
    progress: 0.5,
    estimatedWaitTimeInSeconds: 60,
    estimate: { low: 50, high: 70 },
    admitRatePerMinute: 60,
    pollAfterSeconds: 5,
    version: 1_000 - position,
  });
  service.answer("POST /auth/guest", () => ({
    status: 201,
    body: {
      accessToken: "at-1",
      refreshToken: "rt-1",
      tokenType: "Bearer",
      expiresInSeconds: 600,
      session: { type: "guest", consumerId, guestId: consumerId, expiresAt: inAnHour(), bound: false },
    },
  }));
  service.answer("POST /experiences/exp_launch/route", {
    status: 200,
    body: {
      experienceId: "exp_launch",
      outcome: "routed",
      offers: [
        {
          sequenceId: "seq_1",
          name: "Everyone",
          priority: 0,
          gates: [],
          distribution: { id: "queue_1", type: "queue", state: "active", openAt: null, closeAt: null },
        },
      ],
    },
  });
  service.answer("POST /queues/queue_1/enter", () => ({ status: 200, body: { ...queued(), pollToken: "poll-1" } }));
  service.answer("GET /queues/queue_1/status", ({ headers }) => {
    if (headers.get("authorization")?.startsWith("Poll") !== true) return { status: 200, body: { status: "NOT_QUEUED" } };
    position -= 1;
    return { status: 200, body: queued() };
  });
}
