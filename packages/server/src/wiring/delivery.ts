import type { Database } from "../data/database.ts";
import { createInbox } from "../delivery/inbox.ts";
import type { Inbox } from "../delivery/inbox.ts";
import { createSenders } from "../delivery/senders.ts";
import { createDeliveryJob } from "../jobs/deliver.ts";
import type { DeliveryJob } from "../jobs/deliver.ts";
import type { Clock } from "../platform/clock.ts";
import type { ServerConfig } from "../platform/config.ts";
import type { Log } from "../platform/log.ts";
import type { Metrics } from "../platform/metrics.ts";
import { createOtpCodes } from "../platform/otp-codes.ts";
import type { OtpCodes } from "../platform/otp-codes.ts";
import { createSeals } from "../platform/seals.ts";
import type { Seals } from "../platform/seals.ts";
import type { Secrets } from "../platform/secrets.ts";

/** Codes, and how messages leave the house. */
export interface DeliveryRoom {
  readonly codes: OtpCodes;
  readonly messageSeals: Seals;
  readonly delivering: DeliveryJob;
  readonly outbox: { readonly canSend: (channel: "email" | "phone") => boolean; readonly wake: () => void };
  /** Null in production. */
  readonly inbox: Inbox | null;
}

/** What delivering needs. */
export interface DeliveryRoomDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly config: Pick<ServerConfig, "production" | "delivery">;
  readonly secrets: Pick<Secrets, "tokenSecret">;
  readonly log: Log;
  readonly metrics: Pick<Metrics, "messageDone">;
  readonly onFault: (error: unknown) => void;
}

/** Wires the ways out, and the job that uses them. */
export function wireDelivery({ db, clock, config, secrets, log, metrics, onFault }: DeliveryRoomDeps): DeliveryRoom {
  const { tokenSecret } = secrets;
  const messageSeals = createSeals(tokenSecret, "message");
  // Whoever reads the inbox can be anybody, so that there is none where there is anybody.
  const inbox = config.production ? null : createInbox({ db, seals: createSeals(tokenSecret, "inbox"), now: clock.now });
  const senders = createSenders(config.delivery, { inbox, fetch: globalThis.fetch, now: clock.now });
  const delivering = createDeliveryJob({ db, clock, seals: messageSeals, senders, log, metrics, random: Math.random, onFault });
  return {
    codes: createOtpCodes(tokenSecret),
    messageSeals,
    delivering,
    outbox: { canSend: (channel) => senders[channel] !== null, wake: delivering.wake },
    inbox,
  };
}
