import type { Platform, Presentation } from "@fanfare-io/fanfare-contract";
import { backoffDelayMs } from "../lib/backoff.ts";
import { createPoller } from "../lib/poller.ts";
import type { AuthorizedTransport } from "../transport/authorized.ts";
import { endpoints } from "../transport/endpoints.ts";
import { toFanfareError, unexpectedAnswer } from "../transport/fanfare-error.ts";
import type { Transport } from "../transport/transport.ts";

/** What presenting needs from outside. */
export interface PresenterOptions {
  readonly distributionId: string;
  readonly transport: Transport;
  readonly authorized: AuthorizedTransport;
  readonly platform: Platform;
  /** Another tab may hold a presentation, which a newer one would void: waits until this page is seen. */
  readonly unlessHidden: boolean;
  readonly onPresented: (presentation: Presentation) => void;
  /** The service will not present this grant any more. */
  readonly onRefused: () => void;
  /** It presents the grant to another device alone; this one goes on asking, because the operator may let it (J35). */
  readonly onElsewhere: () => void;
}

/** Keeps a presentation of a grant at hand, fresh, while somebody looks at the page (J18). */
export interface Presenter {
  wake(): void;
  stop(): void;
}

const fallbackLifeMs = 120_000;

/** Asks for the first presentation at once, but for `unlessHidden`. */
export function createPresenter({
  distributionId,
  transport,
  authorized,
  platform,
  unlessHidden,
  onPresented,
  onRefused,
  onElsewhere,
}: PresenterOptions): Presenter {
  const { clock, random, visibility } = platform;
  let failures = 0;
  let stopped = false;
  let held = unlessHidden;

  const ask = async (): Promise<number | null> => {
    // A newer presentation voids the older one, so a hidden tab must not take it away from the one that is looked at.
    if (held && !visibility.isVisible()) return null;
    try {
      const presentation = await authorized.send<Presentation>({ endpoint: endpoints.createPresentation, body: { distributionId }, attempts: 1 });
      if (typeof presentation?.token !== "string") throw unexpectedAnswer(endpoints.createPresentation.path);
      if (stopped) return null;
      failures = 0;
      held = true;
      onPresented(presentation);
      const lifeMs = Date.parse(presentation.tokenExpiresAt) - transport.serverNow();
      // Outside these bounds one of the clocks is wrong, and the documented life is the better guess.
      return (lifeMs > 5_000 && lifeMs < 600_000 ? lifeMs : fallbackLifeMs) * 0.75;
    } catch (error) {
      const { code, retryable, retryAfterSeconds = 0 } = toFanfareError(error);
      if (stopped) return null;
      const isElsewhere = code === "OTHER_DEVICE";
      if (isElsewhere) onElsewhere();
      // Refused, yet still granted by the last word of the line: whoever is asked must not be asked at the speed of the network.
      else if (!retryable) onRefused();
      return 500 + backoffDelayMs({ attempt: failures++, baseMs: 1_000, capMs: isElsewhere ? 60_000 : 15_000, random, atLeastMs: retryAfterSeconds * 1000 });
    }
  };

  const poller = createPoller(clock, ask);
  void poller.now();
  return Object.freeze<Presenter>({
    wake: () => void poller.now(),
    stop() {
      stopped = true;
      poller.stop();
    },
  });
}
