import { createHash } from "node:crypto";
import type { PublicDraw } from "@fanfare-io/fanfare-contract";
import { hashOfText } from "@fanfare-io/fanfare-draw-proof";
import type { DrawStatementRow } from "../data/draw-statements.ts";
import { closesAt, drawState } from "../domain/draw.ts";
import type { DrawFacts } from "../domain/draw.ts";

/** The draw as everyone sees it, in bytes that caches may share. */
export function publicDrawBody(
  draw: DrawFacts,
  statements: readonly DrawStatementRow[],
  now: number,
): { readonly bytes: Buffer; readonly etag: string; readonly cacheControl: string } {
  const bytes = Buffer.from(JSON.stringify(publicDraw(draw, statements, now)));
  const etag = `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`;
  return { bytes, etag, cacheControl: "public, max-age=1, stale-while-revalidate=5" };
}

function publicDraw(draw: DrawFacts, statements: readonly DrawStatementRow[], now: number): PublicDraw {
  const commitments = statements.filter(({ kind }) => kind === "commitment");
  const last = commitments.at(-1);
  return {
    id: draw.id,
    experienceId: draw.experienceId,
    sequenceId: draw.sequenceId,
    name: draw.name,
    state: drawState(draw, now),
    openAt: isoOrNull(draw.openAt),
    closeAt: iso(closesAt(draw)),
    drawAt: iso(draw.drawAt),
    earlierDrawAts: draw.earlierDrawAts.map(iso),
    winnerCount: draw.winnerCount,
    capacity: draw.capacity,
    entrants: draw.tickets - draw.excluded,
    continueSelectingUntilCompleted: draw.continueSelecting,
    weighting: draw.maxWeight === 1 ? { rule: "equal" } : { rule: "luck_balancing", maxWeight: draw.maxWeight },
    beacon: draw.beacon,
    commitment: last === undefined ? null : { hash: hashOfText(last.text), committedAt: iso(last.madeAt), text: last.text },
    root: draw.root,
    rootedAt: isoOrNull(draw.rootedAt),
    drawnAt: isoOrNull(draw.drawnAt),
    cancelledAt: isoOrNull(draw.cancelledAt),
    // Statements, moves and grants only ever become more.
    version: statements.length + draw.offered + (draw.cancelledAt === null ? 0 : 1),
    ...(draw.message === null ? {} : { message: draw.message }),
  };
}

const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();
const isoOrNull = (milliseconds: number | null): string | null => (milliseconds === null ? null : iso(milliseconds));
