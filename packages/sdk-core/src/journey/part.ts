import type { ActiveExperiences, SyncKey } from "@fanfare-io/fanfare-contract";
import { createMechanisms } from "../mechanisms/registry.ts";
import type { JourneyContext } from "./journey-context.ts";
import { createJourneys } from "./journeys.ts";
import type { Journeys } from "./journeys.ts";
import { createKeepsakes } from "../lib/keepsakes.ts";
import { createParticipations, syncKeyOfGroup } from "./participations.ts";
import type { ParticipationsOptions } from "./participations.ts";

/** Everything about journeys: what a page that only knows who somebody is need not load. */
export interface JourneysPart extends Pick<Journeys, "get" | "resumeAll" | "wake" | "destroy"> {
  /** Somebody is authenticated: reads what this device remembers of them. */
  begin(consumerId: string): Promise<void>;
  /** They are not any more: nothing of theirs stays. */
  end(): Promise<void>;
  /** What this consumer takes part in, as far as this device knows. */
  active(): ActiveExperiences;
  /** Another tab has joined or left something. */
  follow(consumerId: string): Promise<void>;
}

/** What journeys need from the client. */
export interface JourneysPartOptions extends Omit<JourneyContext, "participations" | "mechanisms" | "keepsakes">, Omit<ParticipationsOptions, "mechanisms"> {
  /** What is taken over from other tabs. */
  readonly syncs: (key: SyncKey) => boolean;
}

/** Opens the journeys of one client; none is begun. */
export function openJourneys(options: JourneysPartOptions): JourneysPart {
  const mechanisms = createMechanisms();
  const keepsakes = createKeepsakes(options.device);
  const participations = createParticipations({ ...options, mechanisms });
  const journeys = createJourneys({ ...options, participations, mechanisms, keepsakes });
  let owner: string | null = null;
  const follows = (group: keyof ActiveExperiences): boolean => {
    const syncKey = syncKeyOfGroup[group];
    return options.syncs("activeJourneys") && (!syncKey || options.syncs(syncKey));
  };
  return Object.freeze<JourneysPart>({
    get: journeys.get,
    resumeAll: journeys.resumeAll,
    wake: journeys.wake,
    destroy: journeys.destroy,
    active: participations.active,
    begin(consumerId) {
      owner = consumerId;
      return participations.load(consumerId).then(journeys.sessionBegan);
    },
    end() {
      journeys.sessionEnded();
      if (owner !== null) keepsakes.clear(owner);
      owner = null;
      return participations.clear();
    },
    async follow(consumerId) {
      await participations.load(consumerId);
      journeys.adopt(follows);
    },
  });
}
