import type { ActiveExperiences, Session, SyncKey } from "@fanfare-io/fanfare-contract";
import { createMechanisms } from "../mechanisms/registry.ts";
import type { JourneyContext } from "./journey-context.ts";
import { createJourneys } from "./journeys.ts";
import type { Journeys } from "./journeys.ts";
import { createKeepsakes } from "../lib/keepsakes.ts";
import { createWakingClock } from "../lib/waking-clock.ts";
import type { Shelf } from "../lib/shelf.ts";
import { createParticipations, syncKeyOf } from "./participations.ts";
import type { ParticipationsOptions } from "./participations.ts";

/** Everything about journeys: what a page that only knows who somebody is need not load. */
export interface JourneysPart extends Pick<Journeys, "get" | "resumeAll" | "wake" | "destroy"> {
  /**
   * Who is here now. Of somebody new, what this device remembers is read; of whoever left, nothing stays; a guest who has proved who they
   * are goes on in their places, under the new name.
   */
  become(session: Session | null): Promise<void>;
  /** What this consumer takes part in, as far as this device knows. */
  active(): ActiveExperiences;
  /** Another tab has joined or left something. */
  follow(consumerId: string): Promise<void>;
}

/** What journeys need from the client. */
export interface JourneysPartOptions extends Omit<JourneyContext, "participations" | "mechanisms" | "keepsakes">, Omit<ParticipationsOptions, "mechanisms"> {
  /** Whether a session is of whom the guest before it has proved to be. */
  readonly isSuccessor: (before: Session, next: Session) => boolean;
  /** What is taken over from other tabs. */
  readonly syncs: (key: SyncKey) => boolean;
  /** What a page that came back to life reads before it sends anything. */
  readonly awake: () => Promise<unknown>;
}

/** Opens the journeys of one client; none is begun. */
export function openJourneys(options: JourneysPartOptions): JourneysPart {
  const mechanisms = createMechanisms();
  // Of whoever has left nothing is written any more, also where this tab has not heard of it (A5).
  const transact: Shelf["transact"] = (decide) => options.device.transact((now) => (now.has("ended") && !now.has("session") ? {} : decide(now)));
  const device = { ...options.device, transact };
  const keepsakes = createKeepsakes(device);
  const participations = createParticipations({ ...options, device, mechanisms });
  const platform = { ...options.platform, clock: createWakingClock(options.platform.clock, options.awake) };
  const journeys = createJourneys({ ...options, platform, participations, mechanisms, keepsakes });
  let who: Session | null = null;
  const follows = (group: keyof ActiveExperiences): boolean => options.syncs(syncKeyOf(group));
  return Object.freeze<JourneysPart>({
    get: journeys.get,
    resumeAll: journeys.resumeAll,
    wake: journeys.wake,
    destroy: journeys.destroy,
    active: participations.active,
    async become(next) {
      const before = who;
      who = next;
      if (next?.consumerId === before?.consumerId && next?.type === before?.type) return;
      const isKnownNow = before !== null && next !== null && options.isSuccessor(before, next);
      if (before && !isKnownNow) {
        journeys.sessionEnded();
        keepsakes.clear(before.consumerId);
        void participations.clear().catch(options.report);
      }
      if (!next) return;
      const formerly = next.type === "authenticated" ? (next.linked?.fromConsumerId ?? next.guestId) : undefined;
      if (formerly !== undefined && formerly !== next.consumerId) keepsakes.inherit(next.consumerId, formerly);
      await participations.load(next.consumerId, formerly);
      if (who !== next) return;
      if (isKnownNow) journeys.sessionSucceeded();
      else journeys.sessionBegan();
    },
    async follow(consumerId) {
      await participations.load(consumerId);
      journeys.adopt(follows);
    },
  });
}
