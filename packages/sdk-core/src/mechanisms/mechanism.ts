import type {
  ActiveExperiences,
  DenyReason,
  Display,
  DrawDenyReason,
  DrawRecords,
  EndedOutcome,
  FanfareEvents,
  Mechanism,
  Platform,
  ReadableStore,
} from "@fanfare-io/fanfare-contract";
import type { Emitter } from "../lib/emitter.ts";
import type { Report } from "../lib/report.ts";
import type { AuthorizedTransport } from "../transport/authorized.ts";
import type { Transport } from "../transport/transport.ts";

/** Where a consumer stands in a distribution, in words that fit every mechanism. */
export type Standing =
  | { readonly kind: "absent" }
  | { readonly kind: "waiting" }
  /** Nothing can be done any more but wait for the outcome. */
  | { readonly kind: "settling" }
  | { readonly kind: "granted" }
  | { readonly kind: "ended"; readonly outcome: EndedOutcome; readonly mayEnterAgain: boolean; readonly denyReason?: DenyReason | DrawDenyReason };

/** One consumer's part in one distribution: the calls, the facts to show, and the events. */
export interface Seat {
  /** The same object for as long as the participation lasts. */
  readonly display$: ReadableStore<Display>;
  /** Whether, by what is remembered, nothing can be done but wait for the outcome: shown until the service answers. */
  settles?(): boolean;
  /** Takes part; again: the same place. `accessCode`: where one opened the way. */
  enter(accessCode?: string): Promise<Standing>;
  /** Asks once, without retrying, and tells nobody but the caller. */
  ask(): Promise<Standing>;
  leave(): Promise<Standing>;
  /** Asks on, at the mechanism's own pace, until stopped or ended; a seat without fresh facts asks at once. Resolves with the first answer or failure. */
  follow(listener: (standing: Standing) => void): Promise<void>;
  /** Asks now: the page woke up, or the journey has reason to think that things changed. */
  wake(): void;
  /** Whoever sits here is known by another name now, and may have a better place of theirs: asks anew, with nothing that was made out to the old name. */
  renew(): void;
  /** What to hand to `open` on the next page, as plain JSON. */
  memo(): unknown;
  stop(): void;
}

/** What a seat gets from the journey. */
export interface SeatContext {
  readonly experienceId: string;
  readonly distributionId: string;
  /** What the seat left behind on an earlier page; not to be trusted. */
  readonly memo: unknown;
  /** What the shopper has been told already, so that no fact is told twice. */
  readonly told: "participating" | "admitted" | null;
  readonly transport: Transport;
  readonly authorized: AuthorizedTransport;
  readonly platform: Platform;
  readonly emitter: Emitter<FanfareEvents>;
  readonly report: Report;
  /** Called when the memo has changed. */
  readonly onMemo: () => void;
  /** Keeps something for the consumer beyond the end of the participation. */
  readonly keep: (value: unknown) => void;
}

/** What looking at a distribution needs from the journey. */
export interface RecordsContext extends Pick<SeatContext, "distributionId" | "transport" | "authorized"> {
  /** What was handed to `SeatContext.keep` for this consumer, on this page or an earlier one. */
  readonly kept: () => Promise<unknown>;
}

/** A way to distribute what is scarce. A new one is a folder beside this file and a line in the registry. */
export interface MechanismDriver {
  readonly type: Mechanism;
  open(context: SeatContext): Seat;
  /** What its views carry for whoever wants to know more, in every phase. */
  records?(context: RecordsContext): DrawRecords;
}

/** The mechanisms that this SDK can take part in, each with its code where that is loaded. */
export interface Mechanisms {
  /** Its name among the active experiences; undefined for a mechanism that this SDK does not know. */
  groupOf(mechanism: Mechanism): keyof ActiveExperiences | undefined;
  /** Undefined before `load`, and for a mechanism that this SDK does not know. */
  driver(mechanism: Mechanism): MechanismDriver | undefined;
  /** Fetches the code of a mechanism. Null where there is nothing to wait for. @throws FanfareError `NETWORK_ERROR` */
  load(mechanism: Mechanism): Promise<unknown> | null;
}
