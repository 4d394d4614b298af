import type { DrawDenyReason, DrawProof, DrawReceipt, DrawTranscript, PublicDraw } from "./draws.ts";
import type { BotCheck } from "./entry-checks.ts";
import type { FanfareErrorShape } from "./fanfare-error.ts";
import type { GrantExtension } from "./grants.ts";
import type { DenyReason, PositionDisplayMode, WaitEstimate } from "./queues.ts";
import type { Mechanism } from "./session.ts";
import type { ReadableStore } from "./store.ts";

/** One consumer's way through one experience. The same id always gets the same handle. */
export interface JourneyHandle {
  readonly experienceId: string;
  /** What to draw now, with the actions that are legal now. */
  readonly view$: ReadableStore<JourneyView>;
  /** The same as plain data: for persistence and diagnostics. Carries no action and no token. */
  readonly snapshot$: ReadableStore<JourneySnapshot>;
  readonly events$: ReadableStore<readonly JourneyEvent[]>;
  readonly latestEvent$: ReadableStore<JourneyEvent | null>;
  /** Drops an event that the shopper has seen. */
  ackEvent(id: string): void;
}

/** A requirement to meet before the way goes on. */
export interface Gate {
  readonly type: "authentication" | "access_code" | "bot_check";
  readonly reason: string;
}

export type AccessCodeSubmitResult =
  | { readonly outcome: "advanced"; readonly sequenceId: string }
  | { readonly outcome: "unchanged" }
  | { readonly outcome: "gated" };

/** Where the journey stands. An action that is not legal now is absent from type and object: `"enter" in sequence` is the test. */
export type JourneyView =
  | { readonly journeyStage: "ready"; start(options?: { readonly accessCode?: string }): Promise<void> }
  | { readonly journeyStage: "routing" }
  | {
      readonly journeyStage: "gated";
      readonly gates: readonly Gate[];
      reroute(options?: { readonly accessCode?: string }): Promise<void>;
      retry(): Promise<void>;
    }
  | {
      readonly journeyStage: "routed";
      readonly sequence: SequenceView;
      reroute(): Promise<void>;
      submitAccessCode(code: string): Promise<AccessCodeSubmitResult>;
    };

/** How a participation ended. */
export type EndedOutcome = "completed" | "not_selected" | "outbid" | "expired" | "denied" | "left" | "closed";

/** The token is a presentation of 120 s that the SDK renews while the view is read; hand it to your backend by POST, never in a URL. */
export interface GrantView {
  readonly token: string;
  /** When the grant (not the token) ends. */
  readonly expiresAt: string;
  readonly distributionId: string;
  /** More time that may be asked for; while it is here, the view carries `extend`. */
  readonly extension?: GrantExtension;
}

interface SequenceHead {
  readonly sequenceId: string;
  readonly name: string;
}

interface PerhapsElsewhere {
  /**
   * The turn has come, and belongs to another device of this consumer (`entryBinding: "device"`): this one shows the place and cannot buy. To
   * be said to the shopper, who goes on there, or asks the shop to let this device go on, which the SDK finds out by itself.
   */
  readonly turnElsewhere?: true;
}

/** The sequence that the consumer was routed to, by phase. */
export type SequenceView = SequenceHead &
  (
    | { readonly phase: "unavailable" }
    | { readonly phase: "scheduled"; readonly mechanism: Exclude<Mechanism, "draw">; readonly startsAt: string }
    | ({ readonly phase: "scheduled"; readonly mechanism: "draw"; readonly startsAt: string } & DrawTimes & DrawRecorded)
    | { readonly phase: "enterable"; readonly mechanism: "queue" | "timed_release"; enter(): Promise<void> }
    | ({ readonly phase: "enterable"; readonly mechanism: "draw"; enter(): Promise<void> } & DrawTimes & DrawRecorded)
    | ({
        readonly phase: "participating";
        readonly mechanism: Exclude<Mechanism, "draw">;
        readonly display$: ReadableStore<QueueDisplay>;
        leave?(): Promise<void>;
      } & PerhapsElsewhere)
    | ({ readonly phase: "participating"; readonly mechanism: "draw"; readonly display$: ReadableStore<DrawDisplay>; leave?(): Promise<void> } & DrawRecorded &
        PerhapsElsewhere)
    | { readonly phase: "settling"; readonly mechanism: "auction" }
    | ({ readonly phase: "settling"; readonly mechanism: "draw"; readonly display$: ReadableStore<DrawDisplay> } & DrawRecorded & PerhapsElsewhere)
    | { readonly phase: "granted"; readonly mechanism: Exclude<Mechanism, "draw">; readonly grant: GrantView; extend?(): Promise<void> }
    | ({ readonly phase: "granted"; readonly mechanism: "draw"; readonly grant: GrantView } & DrawRecorded)
    | { readonly phase: "ended"; readonly mechanism?: Exclude<Mechanism, "draw">; readonly outcome: EndedOutcome; readonly denyReason?: DenyReason }
    | ({ readonly phase: "ended"; readonly mechanism: "draw"; readonly outcome: EndedOutcome; readonly denyReason?: DrawDenyReason } & DrawRecorded)
  );

interface DrawRecorded {
  readonly records: DrawRecords;
}

/** What there is to know about a draw, and to check it with (contract §7). Each call asks anew, but for the receipt, which lies on this device. */
export interface DrawRecords {
  /** The draw as everyone sees it: its times, what was fixed before entries opened, how many are in. */
  facts(): Promise<PublicDraw>;
  /** What this device was given when entering; kept after the result, until the session ends. Null where there is none. */
  receipt(): Promise<DrawReceipt | null>;
  /** The proof that this consumer's entry is under the published root. @throws FanfareError `DRAW_NOT_DRAWN` before the result. */
  proof(): Promise<DrawProof>;
  /** The public transcript, which recomputes the whole draw. @throws FanfareError `DRAW_NOT_DRAWN` before the result. */
  transcript(): Promise<DrawTranscript>;
}

/** When a draw closes its entries and picks, as it is announced to everyone. */
export interface DrawTimes {
  readonly closeAt: string | null;
  readonly drawAt: string | null;
}

/** What a waiting page shows. `position` never rises; an estimate that rises carries its reason. */
export interface QueueDisplay {
  readonly position: number | null;
  readonly positionDisplayMode: PositionDisplayMode;
  readonly waitingAhead: number | null;
  /** 0 when joined, 1 at the turn. */
  readonly progress: number;
  readonly estimatedWaitSeconds: WaitEstimate | null;
  readonly admitRatePerMinute: number;
  /** Until when this place is kept if its holder is not heard of any more. */
  readonly heldUntil?: string;
  /** The device does some work before the turn can come; the SDK does it unasked, and the place is held meanwhile. */
  readonly check?: BotCheck;
  /** When the places of early arrivals are drawn; until then there is no position. */
  readonly placesDrawnAt?: string;
  readonly message?: string;
  /** When these facts were true, ISO 8601, for "as of 10:04:12" on a weak network. */
  readonly updatedAt: string;
}

/** What an entrant's page shows, from entering until the draw has spoken its last word. */
export interface DrawDisplay extends DrawTimes {
  /** `entered` = may still leave; `settling` = entries are closed; `reserve` = drawn, not selected, and next if wins stay unclaimed. */
  readonly status: "entered" | "settling" | "reserve" | "won";
  readonly enteredAt: string | null;
  readonly winnerCount: number | null;
  /** Entries when the facts were told. */
  readonly entrants: number | null;
  /** How often this entry counts; 1 under equal chances. */
  readonly weight: number;
  /** On the reserve: how many stand before this entry. */
  readonly reserveAhead: number | null;
  /** The service's signed word that this entry is in, for the shopper to keep; null where it was given to another device. */
  readonly receipt: DrawReceipt | null;
  readonly message?: string;
  /** When these facts were true, ISO 8601. */
  readonly updatedAt: string;
}

/** Display facts of the mechanism that the consumer takes part in. */
export type Display = QueueDisplay | DrawDisplay;

/** Plain data of a journey, without actions and without tokens. */
export interface JourneySnapshot {
  readonly experienceId: string;
  readonly journeyStage: JourneyView["journeyStage"];
  readonly gates: readonly Gate[];
  readonly sequenceId: string | null;
  readonly sequencePhase: SequenceView["phase"] | null;
  readonly mechanism: Mechanism | null;
  readonly distributionId: string | null;
  readonly outcome: EndedOutcome | null;
  readonly grantExpiresAt: string | null;
  readonly error: FanfareErrorShape | null;
}

/** Something that happened and that the shopper should hear of. */
export interface JourneyEvent {
  readonly id: string;
  readonly type: "reroute" | "admitted" | "not_selected" | "expired" | "denied" | "completed" | "error";
  readonly severity: "info" | "warning" | "error";
  readonly message: string;
  readonly at: string;
}
