import type { CreateDrawRequest, DrawBeaconRound } from "@fanfare-io/fanfare-contract";
import { hashOfSeed, toHex } from "@fanfare-io/fanfare-draw-proof";
import { beaconChains, roundTime } from "@fanfare-io/fanfare-draw-proof/beacon";
import type { NewDraw } from "../../data/draw-settings.ts";
import { writeCommitment } from "../../domain/draw-statements.ts";
import { invalidField } from "./answers.ts";

/**
 * Makes everything that a new draw starts with: its seed, and the commitment to it and to the rules. `within` = where the request stands in
 * the body, for the refusal. Raises `validation_error` for times that are over.
 */
export function planDraw(
  organizationId: string,
  { id, experienceId, request }: Pick<NewDraw, "id" | "experienceId" | "request">,
  { now, newSeed }: { readonly now: number; readonly newSeed: () => Uint8Array },
  within: readonly (string | number)[] = [],
): NewDraw {
  const seed = newSeed();
  const opensAt = Math.max(now, request.openAt ? Date.parse(request.openAt) : now);
  const drawsAt = Date.parse(request.drawAt);
  const closesAt = request.closeAt ? Date.parse(request.closeAt) : drawsAt;
  const beacon = request.beacon ?? null;
  if (closesAt <= now) throw invalidField([...within, request.closeAt ? "closeAt" : "drawAt"], "must be in the future", `after ${new Date(now).toISOString()}`);
  refuseBeacon(beacon, closesAt, within);
  const terms = {
    organizationId,
    drawId: id,
    opensAt,
    closesAt,
    drawsAt,
    winnerCount: request.winnerCount,
    maxWeight: maxWeightOf(request),
    continueSelecting: request.continueSelectingUntilCompleted ?? false,
    beacon,
    seedHash: toHex(hashOfSeed(seed)),
  };
  const commitment = writeCommitment(terms, now, null);
  return { id, experienceId, request, seed, blindingKey: newSeed(), opensAt: new Date(opensAt), at: new Date(now), commitment };
}

const maxWeightOf = ({ weighting }: Pick<CreateDrawRequest, "weighting">): number => (weighting?.rule === "luck_balancing" ? weighting.maxWeight : 1);

/** A round that comes before the list is closed would let somebody choose the list by it. */
export function refuseBeacon(beacon: DrawBeaconRound | null, closes: number, within: readonly (string | number)[] = []): void {
  const path = [...within, "beacon"];
  if (beacon === null) return;
  const chain = beaconChains.find(({ chainHash }) => chainHash === beacon.chainHash);
  if (chain === undefined) throw invalidField(path, "names no beacon that this service can check", `chainHash ${beaconChains[0]?.chainHash}`);
  const at = new Date(roundTime(chain, beacon.round)).toISOString();
  if (new Date(beacon.at).toISOString() !== at) throw invalidField(path, "has another time than this round", `at ${at}`);
  if (Date.parse(beacon.at) <= closes) throw invalidField(path, "must come after entries have closed", `a round after ${new Date(closes).toISOString()}`);
}
