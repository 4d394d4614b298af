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
}
