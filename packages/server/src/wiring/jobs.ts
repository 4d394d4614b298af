import type { Database } from "../data/database.ts";
import { auditPeriodMs } from "../jobs/audit.ts";
import type { Audit } from "../jobs/audit.ts";
import { drawPeriodMs } from "../jobs/draw.ts";
import type { DrawJob } from "../jobs/draw.ts";
import { createEmbeddedMaintenance, maintenancePeriodMs } from "../jobs/maintain-embedded.ts";
import { drawDueOpenings, openingPeriodMs } from "../jobs/open.ts";
import { retain, retentionPeriodMs } from "../jobs/retain.ts";
import { revocationPeriodMs } from "../jobs/revocations.ts";
import type { Revocations } from "../jobs/revocations.ts";
import { sightingPeriodMs } from "../jobs/sightings.ts";
import { signingKeysPeriodMs } from "../jobs/signing-keys.ts";
import type { SigningKeys } from "../jobs/signing-keys.ts";
import { busynessPeriodMs } from "../platform/busyness.ts";
import { lagPeriodMs } from "../platform/loop-lag.ts";
import type { LoopLag } from "../platform/loop-lag.ts";
import { comparePeriodMs } from "../platform/shared-clock.ts";
import type { LinesRoom } from "./lines.ts";
import type { ServiceTime } from "./time.ts";

/** Whose rounds are made. */
export interface JobsDeps extends ServiceTime {
  readonly db: Database;
  readonly lineRoom: Pick<LinesRoom, "follower" | "sightings" | "busyness">;
  readonly lag: Pick<LoopLag, "tick">;
  readonly revocations: Pick<Revocations, "follow">;
  readonly signingKeys: Pick<SigningKeys, "follow">;
  readonly audit: Pick<Audit, "flush">;
  readonly drawing: Pick<DrawJob, "round">;
}

/** Starts everything that the service does again and again, but for admission, which gives leases back when it stops. Answers how to stop it. */
export function startJobs({ db, clock, keepTime, lineRoom, lag, revocations, signingKeys, audit, drawing }: JobsDeps): () => void {
  const { follower, sightings, busyness } = lineRoom;
  const maintenance = createEmbeddedMaintenance(db);
  const stops = [
    clock.every(openingPeriodMs, () => drawDueOpenings({ db, clock, follower })),
    clock.every(lagPeriodMs, lag.tick),
    clock.every(busynessPeriodMs, busyness.tick),
    clock.every(comparePeriodMs, keepTime),
    clock.every(revocationPeriodMs, () => revocations.follow()),
    clock.every(auditPeriodMs, () => audit.flush()),
    clock.every(drawPeriodMs, () => drawing.round()),
    clock.every(signingKeysPeriodMs, () => signingKeys.follow()),
    clock.every(retentionPeriodMs, () => retain(db, clock)),
    // An embedded database has one process, which has nobody to tell and must sweep for itself.
    db.profile === "embedded" ? clock.every(maintenancePeriodMs, () => maintenance.round(clock.now())) : clock.every(sightingPeriodMs, () => sightings.round()),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
