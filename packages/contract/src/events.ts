import type { DrawConsumerState } from "./draws.ts";
import type { FanfareErrorShape } from "./fanfare-error.ts";
import type { DenyReason, WaitEstimate } from "./queues.ts";
import type { LinkOutcome, Session } from "./session.ts";

/** Why a session ended. */
export type LogoutReason = "user" | "expired" | "revoked" | "replaced" | "other_tab";

/** What the SDK was doing when an auth error arose; `unauthorized` = the session is gone for good, so `guest()` starts a new one. */
export type AuthErrorContext = "unauthorized" | "guest" | "refresh" | "restore" | "otp" | "exchange" | "logout" | "storage";

interface QueueEvent {
  readonly queueId: string;
  readonly experienceId: string;
}

interface DrawEvent {
  readonly drawId: string;
  readonly experienceId: string;
}

/** The outcome of a draw for one entrant. */
export type DrawResult =
  | { readonly outcome: "won"; readonly wonAt: string; readonly expiresAt: string }
  | { readonly outcome: "not_selected"; readonly drawnAt: string };

/** Everything `sdk.on` tells, each fact once per tab. No payload carries a token (rule A6). */
export interface FanfareEvents {
  /** `isNew` is false for a restored session and for one that came from another tab. */
  readonly "auth:authenticated": { readonly session: Session; readonly isNew: boolean; readonly previousConsumerId?: string };
  readonly "auth:refreshed": { readonly session: Session };
  readonly "auth:logout": { readonly reason: LogoutReason };
  readonly "auth:error": { readonly error: FanfareErrorShape; readonly context: AuthErrorContext };
  readonly "auth:linked": { readonly session: Session; readonly outcome: LinkOutcome };
  readonly "queue:entered": QueueEvent & { readonly position: number | null };
  readonly "queue:position-changed": QueueEvent & { readonly position: number | null; readonly estimatedWait: WaitEstimate | null };
  readonly "queue:admitted": QueueEvent & { readonly expiresAt: string };
  readonly "queue:left": QueueEvent;
  readonly "queue:denied": QueueEvent & { readonly reason: DenyReason };
  readonly "queue:expired": QueueEvent;
  readonly "draw:entered": DrawEvent;
  /** A step that no other event tells: entries closed, drawn but still on the reserve, refused, called off. */
  readonly "draw:status-updated": DrawEvent & { readonly status: DrawConsumerState["status"] };
  readonly "draw:won": DrawEvent & { readonly result: Extract<DrawResult, { outcome: "won" }> };
  /** The last word: no win can come any more. */
  readonly "draw:lost": DrawEvent & { readonly result: Extract<DrawResult, { outcome: "not_selected" }> };
  readonly "draw:left": DrawEvent;
  /** The win was not claimed in time. */
  readonly "draw:expired": DrawEvent;
}
