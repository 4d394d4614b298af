import type { Draw, DrawBeaconWait } from "@fanfare-io/fanfare-contract";
import { drawState, waitsForBeaconSince } from "../../domain/draw.ts";
import type { DrawFacts } from "../../domain/draw.ts";

/** A draw as its operator sees it. */
export function showDraw(draw: DrawFacts, now: number): Draw {
  return {
    id: draw.id,
    organizationId: draw.organizationId,
    archived: draw.archived,
    createdAt: iso(draw.createdAt),
    updatedAt: draw.updatedAt === null ? null : iso(draw.updatedAt),
    sequenceId: draw.sequenceId,
    experienceId: draw.experienceId,
    name: draw.name,
    state: drawState(draw, now),
    openAt: draw.openAt === null ? null : iso(draw.openAt),
    closeAt: draw.closeAt === null ? null : iso(draw.closeAt),
    drawAt: iso(draw.drawAt),
    winnerCount: draw.winnerCount,
    capacity: draw.capacity,
    admissionExpirationSeconds: draw.admissionExpirationSeconds,
    continueSelectingUntilCompleted: draw.continueSelecting,
    weighting: draw.maxWeight === 1 ? { rule: "equal" } : { rule: "luck_balancing", maxWeight: draw.maxWeight },
    beacon: draw.beacon,
    beaconWait: showWait(draw, now),
    entrants: draw.tickets - draw.excluded,
    message: draw.message,
    drawnAt: draw.drawnAt === null ? null : iso(draw.drawnAt),
    cancelledAt: draw.cancelledAt === null ? null : iso(draw.cancelledAt),
  };
}

function showWait(draw: DrawFacts, now: number): DrawBeaconWait | null {
  const since = waitsForBeaconSince(draw, now);
  if (since === null) return null;
  return { since: iso(since), lastAskedAt: draw.beaconAskedAt === null ? null : iso(draw.beaconAskedAt), trouble: draw.beaconTrouble };
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
