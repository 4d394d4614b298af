import type { Database } from "../data/database.ts";
import { aliasPeriodMs } from "../identities/aliases.ts";
import { strayPeriodMs } from "../identities/merger.ts";
import { auditPeriodMs } from "../jobs/audit.ts";
import type { Audit } from "../jobs/audit.ts";
import { checkEntries, checkEntriesPeriodMs } from "../jobs/check-entries.ts";
import { beaconPeriodMs } from "../jobs/beacons.ts";
import { deliveryPeriodMs } from "../jobs/deliver.ts";
import type { DeliveryJob } from "../jobs/deliver.ts";
import { drawPeriodMs } from "../jobs/draw.ts";
import { streamPeriodMs } from "../http/consumer/status-streams.ts";
import type { StatusStreams } from "../http/consumer/status-streams.ts";
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
import { createRounds } from "../platform/rounds.ts";
import { comparePeriodMs } from "../platform/shared-clock.ts";
import type { DrawsRoom } from "./draws.ts";
import type { IdentitiesRoom } from "./identities.ts";
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
  readonly streams: Pick<StatusStreams, "round">;
  readonly drawRoom: Pick<DrawsRoom, "drawing" | "beacons">;
  readonly delivering: Pick<DeliveryJob, "round">;
  readonly people: Pick<IdentitiesRoom, "aliases" | "merger">;
}

/** Starts everything that the service does again and again, but for admission, which gives leases back when it stops. What it answers resolves when the last round is over. */
export function startJobs({
  db,
  clock,
  keepTime,
  lineRoom,
  lag,
  revocations,
  signingKeys,
  audit,
  drawRoom,
  streams,
  people,
  delivering,
}: JobsDeps): () => Promise<void> {
  const { follower, sightings, busyness } = lineRoom;
  const maintenance = createEmbeddedMaintenance(db);
  const rounds = createRounds(clock);
  rounds.every(openingPeriodMs, () => drawDueOpenings({ db, clock, follower }));
  rounds.every(checkEntriesPeriodMs, () => checkEntries({ db, clock, follower }));
  rounds.every(lagPeriodMs, lag.tick);
  rounds.every(streamPeriodMs, streams.round);
  rounds.every(busynessPeriodMs, busyness.tick);
  rounds.every(comparePeriodMs, keepTime);
  rounds.every(revocationPeriodMs, () => revocations.follow());
  rounds.every(aliasPeriodMs, () => people.aliases.follow());
  rounds.every(strayPeriodMs, () => people.merger.round());
  rounds.every(auditPeriodMs, () => audit.flush());
  rounds.every(drawPeriodMs, () => drawRoom.drawing.round());
  rounds.every(beaconPeriodMs, (stopping) => drawRoom.beacons.round(stopping));
  rounds.every(deliveryPeriodMs, (stopping) => delivering.round(stopping));
  rounds.every(signingKeysPeriodMs, () => signingKeys.follow());
  rounds.every(retentionPeriodMs, (stopping) => retain(db, clock, stopping));
  // An embedded database has one process, which has nobody to tell and must sweep for itself.
  if (db.profile === "embedded") rounds.every(maintenancePeriodMs, () => maintenance.round(clock.now()));
  else rounds.every(sightingPeriodMs, () => sightings.round());
  return rounds.stop;
}
