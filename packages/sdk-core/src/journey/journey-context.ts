import type { FanfareEvents, Platform, Session } from "@fanfare-io/fanfare-contract";
import type { Emitter } from "../lib/emitter.ts";
import type { Report } from "../lib/report.ts";
import type { Mechanisms } from "../mechanisms/mechanism.ts";
import type { AuthorizedTransport } from "../transport/authorized.ts";
import type { Transport } from "../transport/transport.ts";
import type { Keepsakes } from "../lib/keepsakes.ts";
import type { Participations } from "./participations.ts";

/** What every journey of one client shares. */
export interface JourneyContext {
  readonly transport: Transport;
  readonly authorized: AuthorizedTransport;
  readonly platform: Platform;
  readonly emitter: Emitter<FanfareEvents>;
  readonly report: Report;
  readonly participations: Participations;
  readonly mechanisms: Mechanisms;
  readonly keepsakes: Keepsakes;
  readonly autoGuest: boolean;
  readonly session: () => Session | null;
  readonly guest: () => Promise<Session>;
}
