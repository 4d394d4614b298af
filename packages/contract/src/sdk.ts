import type { FanfareEvents } from "./events.ts";
import type { JourneyHandle } from "./journey.ts";
import type { AuthenticatedSession, GuestSession, OtpAnswer, OtpChallenge, OtpRequest, Session } from "./session.ts";

/** What tabs of one origin share. */
export type SyncKey =
  | "session"
  | "refreshToken"
  | "activeQueues"
  | "activeDraws"
  | "activeAuctions"
  | "activeTimedReleases"
  | "activeWaitlists"
  | "activeJourneys";

/** Storage of the host's own; asynchronous, so that anything fits. */
export interface StorageAdapter {
  getItem(key: string): Promise<string | null>;
  setItem(key: string, value: string): Promise<void>;
  removeItem(key: string): Promise<void>;
}

/** The ways to configure the SDK. `organizationId` and `publishableKey` are enough. */
export interface FanfareConfig {
  readonly organizationId: string;
  /** `pk_…`; a secret key here throws at once. */
  readonly publishableKey: string;
  /** Else `<meta name="fanfare-api-url" content="…">`, else `${location.origin}/api`. */
  readonly apiUrl?: string;
  /** @defaultValue true: initialization resolves with the stored session restored. */
  readonly autoRestore?: boolean;
  /** @defaultValue true: active participations go on polling. */
  readonly autoResume?: boolean;
  /** Seconds; may shorten, never lengthen, the organization's. */
  readonly sessionDuration?: number;
  /** @defaultValue true: taking part without a session creates a guest first. */
  readonly autoGuest?: boolean;
  readonly sync?: { readonly enabled?: boolean; readonly syncKeys?: readonly SyncKey[]; readonly channelName?: string };
  /** @defaultValue "local" */
  readonly storage?: "local" | "session" | "memory" | StorageAdapter;
  readonly privacy?: { readonly sessionSignals?: boolean; readonly analyticsCollection?: boolean };
  readonly debug?: boolean;
  /** The outside world, injected in tests. */
  readonly platform?: Partial<Platform>;
}

/** Everything outside that the SDK touches. */
export interface Platform {
  readonly clock: Clock;
  /** Uniform in [0, 1): for jitter, never for secrets. */
  readonly random: () => number;
  readonly randomBytes: (length: number) => Uint8Array;
  readonly fetch: typeof fetch;
  /** Null where the browser has none. */
  readonly channel: (name: string) => SyncChannel | null;
  /** Null where storage is refused. */
  readonly storage: (area: "local" | "session") => StorageAdapter | null;
  readonly visibility: Visibility;
  /** Null where the browser has no WebCrypto: on an insecure page. */
  readonly signing: () => Signing | null;
  /** Null where the browser has no IndexedDB. */
  readonly shelf: (database: string) => Shelf | null;
  /** Resolves when somebody opens a page that was rendered ahead of time; null for all other pages. */
  readonly shown: () => Promise<unknown> | null;
}

/** A P-256 key that signs and cannot be read out. */
export interface SigningKey {
  /** Tells keys of a device apart; nothing secret. */
  readonly id: string;
  readonly jwk: { readonly kty: "EC"; readonly crv: "P-256"; readonly x: string; readonly y: string };
  /** Opaque, and cloneable into a shelf. */
  readonly privateKey: unknown;
}

/** Cryptography of the page. */
export interface Signing {
  generate(): Promise<SigningKey>;
  /** ES256, the 64 bytes of IEEE P1363. */
  sign(key: SigningKey, data: Uint8Array): Promise<Uint8Array>;
  /** SHA-256. */
  digest(data: Uint8Array): Promise<Uint8Array>;
}

/** What lies on a device, by name; values are anything that can be cloned, keys included. */
export type Kept = ReadonlyMap<string, unknown>;

/** Keeps values between pages, for all tabs of an origin. */
export interface Shelf {
  /** What is kept now. Leaves nothing behind where nothing is. */
  read(): Promise<Kept>;
  /**
   * One transaction: shows what is kept, stores what `decide` answers (null removes), and resolves with what is kept
   * once that is committed. `decide` runs while no other tab's does.
   */
  transact(decide: (kept: Kept) => Readonly<Record<string, unknown>>): Promise<Kept>;
}

/** Time. `now` is the wall clock, `monotonic` never goes back; both in milliseconds. */
export interface Clock {
  now(): number;
  monotonic(): number;
  /** Returns the way to cancel. */
  setTimeout(callback: () => void, delayMs: number): () => void;
}

/** Messages between tabs. */
export interface SyncChannel {
  post(message: unknown): void;
  listen(listener: (message: unknown) => void): () => void;
  close(): void;
}

/** Whether the page is seen, and when it wakes, comes back online or out of the back-forward cache. */
export interface Visibility {
  isVisible(): boolean;
  onWake(listener: () => void): () => void;
}

/** The initialized SDK. */
export interface FanfareSDK {
  readonly auth: AuthModule;
  readonly journeys: {
    get(experienceId: string): JourneyHandle;
    resumeAll(): Promise<void>;
  };
  on<E extends keyof FanfareEvents>(event: E, handler: (payload: FanfareEvents[E]) => void): () => void;
  /** Reads the stored session back; makes no request while the access token lives (rule A2). */
  restore(): Promise<{ readonly session: Session | null; readonly experiences: ActiveExperiences }>;
  /** Asks the service what still runs, tells what ended meanwhile as events, and polls on. */
  resume(): Promise<void>;
  /** Stops timers, closes channels, detaches listeners. Idempotent. */
  destroy(): void;
}

/** Who this consumer is, and the ways to change that. */
export interface AuthModule {
  check(): { readonly isAuthenticated: boolean; readonly isGuest: boolean; readonly session?: Session };
  getSession(): Session | null;
  /** Idempotent (rule A1); rejects `ALREADY_IDENTIFIED` with a live identified session. */
  guest(): Promise<GuestSession>;
  requestOtp(to: OtpRequest): Promise<OtpChallenge>;
  verifyOtp(answer: OtpAnswer): Promise<AuthenticatedSession>;
  /**
   * To be called before the shop's own sign-in, and its answer handed to the backend that will authorize the identity: only this browser can
   * then exchange the code over a guest that takes part in something (PKCE, RFC 7636). Repeated, also by another tab, it answers the same
   * until a code was exchanged. @throws FanfareError `INVALID_CONFIG` on a page without WebCrypto.
   */
  beginExternal(): Promise<{ readonly codeChallenge: string }>;
  exchangeExternal(options: { readonly exchangeCode: string }): Promise<AuthenticatedSession>;
  refresh(): Promise<Session>;
  logout(): Promise<void>;
}

/** A participation remembered on this device. */
export interface Participation {
  readonly experienceId: string;
  readonly sequenceId: string;
  readonly distributionId: string;
  readonly status: "participating" | "admitted";
  readonly enteredAt: string;
}

/** Active participations by mechanism and distribution id. */
export type ActiveExperiences = Readonly<
  Record<"queues" | "draws" | "auctions" | "appointments" | "timedReleases" | "waitlists", Readonly<Record<string, Participation>>>
>;
