import { randomBytes } from "node:crypto";
import type { DrawWin } from "@fanfare-io/fanfare-contract";
import { entryBytes, fromHex, rankingKey, toHex } from "@fanfare-io/fanfare-draw-proof";
import { verifyBeacon } from "@fanfare-io/fanfare-draw-proof/beacon";
import { recordBeacon } from "../../data/draw-beacons.ts";
import { readEntries } from "../../data/draw-entries.ts";
import { readWins } from "../../data/draw-results.ts";
import * as settings from "../../data/draw-settings.ts";
import { keyOf } from "../../data/draws.ts";
import type { DrawFacts } from "../../domain/draw.ts";
import { changeTerms, roundAfter } from "../../draws/commitments.ts";
import { openWorkbench } from "../../draws/workbench.ts";
import type { Call, Handlers } from "../endpoint.ts";
import { ServiceError } from "../service-error.ts";
import { found } from "./answers.ts";
import type { DrawSettingsDeps } from "./draws.ts";
import { showDraw } from "./shown-draw.ts";

type DrawCall = Pick<Call<"drawNow">, "tenant" | "params">;

const winnersShown = 1_000;

/** The routes that steer a draw. What cannot be taken back asks for the draw's id once more. */
export function drawControlHandlers(deps: DrawSettingsDeps): Handlers<"drawNow" | "cancelDraw" | "recordBeacon" | "rehearseDraw" | "listDrawWins"> {
  const { db, clock, draws } = deps;

  const current = async ({ tenant, params }: DrawCall): Promise<DrawFacts> =>
    found(await draws.refresh({ organizationId: tenant.id, drawId: params["drawId"] ?? "" }));

  function demandUndrawn(draw: DrawFacts): void {
    if (draw.drawingAt !== null || draw.drawnAt !== null) throw new ServiceError("draw_already_drawn");
    if (draw.cancelledAt !== null || draw.archived) throw new ServiceError("draw_cancelled");
  }

  function demandConfirmed(draw: DrawFacts, confirm: string): void {
    if (confirm !== draw.id) throw new ServiceError("draw_not_confirmed");
  }

  /** Under a beacon: where the list is still open, the round that is promised instead is the next one after its closing. */
  function termsOfNow(draw: DrawFacts, now: number) {
    if (draw.closedAt !== null) return { drawAt: now };
    const beacon = draw.beacon === null ? null : (roundAfter(draw.beacon.chainHash, now) ?? draw.beacon);
    return { closeAt: now, drawAt: now, beacon };
  }

  return {
    async drawNow(call) {
      const draw = await current(call);
      demandConfirmed(draw, call.body.confirm);
      demandUndrawn(draw);
      const now = clock.now();
      if (now < draw.opensAt) throw new ServiceError("draw_not_open", { details: { opensAt: new Date(draw.opensAt).toISOString() } });
      // A list that is closed waits for the round that was promised before; nobody may promise another once the list is fixed.
      const changed = await changeTerms(db, draw, termsOfNow(draw, now), now);
      if (changed === null) throw new ServiceError("draw_already_drawn");
      await draws.refresh(keyOf(draw));
      return { body: showDraw(changed, now) };
    },
    async cancelDraw(call) {
      const draw = await current(call);
      demandConfirmed(draw, call.body.confirm);
      if (draw.cancelledAt !== null) return { body: showDraw(draw, clock.now()) };
      const cancelled = await settings.cancelDraw(db, keyOf(draw), call.body.message ?? null, new Date(clock.now()));
      if (cancelled === null) throw new ServiceError("draw_already_drawn");
      await draws.refresh(keyOf(draw));
      return { body: showDraw(cancelled, clock.now()) };
    },
    async recordBeacon(call) {
      const draw = await current(call);
      demandUndrawn(draw);
      const signature = fromHex(call.body.signature, call.body.signature.length / 2);
      if (draw.beacon === null || signature === null || verifyBeacon(draw.beacon, signature) !== true) throw new ServiceError("invalid_beacon_signature");
      await recordBeacon(db, keyOf(draw), draw.beacon, signature);
      return { body: showDraw(await current(call), clock.now()) };
    },
    async rehearseDraw(call) {
      const draw = await current(call);
      if (draw.root === null) throw new ServiceError("draw_not_closed");
      const seed = call.body.seed ?? randomBytes(32).toString("hex");
      return { body: await rehearse(draw, seed) };
    },
    async listDrawWins(call) {
      const draw = await current(call);
      const data: DrawWin[] = (await readWins(db, keyOf(draw))).map(({ state, wonAt, expiresAt, ...win }) => ({
        ...win,
        status: state as DrawWin["status"],
        wonAt: new Date(wonAt).toISOString(),
        expiresAt: new Date(expiresAt).toISOString(),
      }));
      return { body: { data } };
    },
  };

  async function rehearse(draw: DrawFacts, seed: string) {
    const bench = openWorkbench();
    const eligible = new Map<number, number>();
    const weights = new Uint16Array(draw.tickets + 1);
    try {
      await bench.load(draw.tickets, async (first, count) => {
        const bytes = await readEntries(db, keyOf(draw), first, count);
        for (let at = 0; at < bytes.length; at += entryBytes) {
          const weight = ((bytes[at + 32] as number) << 8) | (bytes[at + 33] as number);
          weights[first + at / entryBytes] = weight;
          if (bytes[at + 34] === 0) eligible.set(weight, (eligible.get(weight) ?? 0) + 1);
        }
        return bytes;
      });
      const { winners, ranked } = await bench.rank(rankingKey(fromHex(seed, 32) as Uint8Array, null), draw.winnerCount);
      const won = Map.groupBy(winners, (ticket) => weights[ticket] ?? 1);
      const told = [...eligible].toSorted(([a], [b]) => a - b).map(([weight, count]) => ({ weight, eligible: count, winners: won.get(weight)?.length ?? 0 }));
      return { seed: toHex(fromHex(seed, 32) as Uint8Array), entries: draw.tickets, eligible: ranked, winners: winners.slice(0, winnersShown), weights: told };
    } finally {
      await bench.close();
    }
  }
}
