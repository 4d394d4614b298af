import type { CreateDrawRequest, UpdateDrawRequest } from "@fanfare-io/fanfare-contract";
import { runAll } from "../../data/create-all.ts";
import * as settings from "../../data/draw-settings.ts";
import { updateDrawDetails } from "../../data/draw-statements.ts";
import * as rows from "../../data/draws.ts";
import { findSequence } from "../../data/sequences.ts";
import { closesAt } from "../../domain/draw.ts";
import type { DrawFacts } from "../../domain/draw.ts";
import { changeTerms } from "../../draws/commitments.ts";
import type { TermsChange } from "../../draws/commitments.ts";
import type { DrawDesk } from "../../draws/desk.ts";
import type { Handlers } from "../endpoint.ts";
import { ServiceError } from "../service-error.ts";
import { found, invalidField, pageOrRefuse } from "./answers.ts";
import type { LaunchHandlersDeps } from "./experiences.ts";
import { planDraw, refuseBeacon } from "./new-draw.ts";
import { showDraw } from "./shown-draw.ts";

/** What the routes of draws need. */
export interface DrawSettingsDeps extends LaunchHandlersDeps {
  readonly draws: DrawDesk;
}

/** The routes of draws, as their operator sees them. Making one publishes its commitment; what is committed to is changed in public or not at all. */
export function drawSettingsHandlers(deps: DrawSettingsDeps): Handlers<"createDraw" | "listDraws" | "getDrawSettings" | "updateDraw" | "archiveDraw"> {
  const { db, ids, clock, draws } = deps;

  async function create(organizationId: string, id: string, experienceId: string, body: CreateDrawRequest): Promise<boolean> {
    const draw = planDraw(organizationId, { id, experienceId, request: body }, { now: clock.now(), newSeed: deps.newSeed });
    return runAll(db, settings.insertDraw(organizationId, draw));
  }

  return {
    async createDraw({ tenant, body }) {
      const sequence = await findSequence(db, tenant.id, body.sequenceId);
      if (sequence === null) throw invalidField("sequenceId", "names no sequence of this organization", "an existing sequence");
      const id = body.id ?? ids.make("draw");
      if (!(await create(tenant.id, id, sequence.experienceId, body))) throw new ServiceError("already_exists");
      return { body: showDraw(found(await draws.refresh({ organizationId: tenant.id, drawId: id })), clock.now()) };
    },
    async listDraws({ tenant, query }) {
      const page = pageOrRefuse(await rows.listDraws(db, tenant.id, query), query);
      return { body: { ...page, data: page.data.map((draw) => showDraw(draw, clock.now())) } };
    },
    async getDrawSettings({ tenant, params }) {
      return { body: showDraw(found(await draws.refresh({ organizationId: tenant.id, drawId: params["drawId"] ?? "" })), clock.now()) };
    },
    async updateDraw({ tenant, params, body }) {
      const draw = found(await draws.refresh({ organizationId: tenant.id, drawId: params["drawId"] ?? "" }));
      const changed = await update(deps, draw, body);
      await draws.refresh(rows.keyOf(draw));
      return { body: showDraw(changed, clock.now()) };
    },
    async archiveDraw({ tenant, params, query }) {
      const draw = found(await draws.refresh({ organizationId: tenant.id, drawId: params["drawId"] ?? "" }));
      if (draw.drawnAt === null && draw.drawingAt !== null) throw new ServiceError("draw_already_drawn");
      const at = new Date(clock.now());
      // Drawing may have begun since the draw was read: then it is finished, not hidden.
      const isUndecided = draw.drawnAt === null && draw.cancelledAt === null;
      if (isUndecided && draw.tickets > draw.excluded && query.confirm !== draw.id) throw new ServiceError("draw_not_confirmed");
      if (isUndecided && (await settings.cancelDraw(db, rows.keyOf(draw), null, at)) === null) throw new ServiceError("draw_already_drawn");
      const archived = found(await updateDrawDetails(db, rows.keyOf(draw), { archived: true }, at));
      await draws.refresh(rows.keyOf(draw));
      return { body: showDraw(archived, clock.now()) };
    },
  };
}

/** Terms and details of one request change together, or not at all. */
async function update({ db, clock }: DrawSettingsDeps, draw: DrawFacts, body: UpdateDrawRequest): Promise<DrawFacts> {
  const now = clock.now();
  const { name, message, capacity, admissionExpirationSeconds } = body;
  const details = withoutGaps({ name, message, capacity, admissionExpirationSeconds });
  const terms = termsOf(body);
  if (Object.keys(terms).length === 0) return found(await updateDrawDetails(db, rows.keyOf(draw), details, new Date(now)));
  refuseChange(draw, terms, now);
  refuseTimes(draw, { ...draw, ...terms }, now);
  const committed = await changeTerms(db, draw, terms, now, details);
  if (committed === null) throw new ServiceError("draw_committed");
  return committed;
}

function termsOf(body: UpdateDrawRequest): TermsChange {
  const instant = (text: string | null | undefined): number | null | undefined => (typeof text === "string" ? Date.parse(text) : text);
  return withoutGaps({
    openAt: instant(body.openAt),
    closeAt: instant(body.closeAt),
    drawAt: body.drawAt === undefined ? undefined : Date.parse(body.drawAt),
    winnerCount: body.winnerCount,
    continueSelecting: body.continueSelectingUntilCompleted,
    maxWeight: body.weighting === undefined ? undefined : body.weighting.rule === "equal" ? 1 : body.weighting.maxWeight,
    beacon: body.beacon,
  });
}

type Filled<Fields> = { readonly [Name in keyof Fields]?: Exclude<Fields[Name], undefined> };

function withoutGaps<Fields extends object>(fields: Fields): Filled<Fields> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Filled<Fields>;
}

function refuseTimes(draw: DrawFacts, next: DrawFacts, now: number): void {
  const closes = closesAt(next);
  if (next.openAt !== null && next.openAt >= closes) throw invalidField("openAt", "must be before entries close", new Date(closes).toISOString());
  if (closes > next.drawAt) throw invalidField("drawAt", "must not be before entries close", `from ${new Date(closes).toISOString()}`);
  if (draw.closedAt === null && closes <= now) throw invalidField("closeAt", "must be in the future", `after ${new Date(now).toISOString()}`);
  refuseBeacon(next.beacon, draw.closedAt ?? closes);
}

/** What docs/draw-proof.md lets a further commitment change: everything before the opening, then times, and once entries are closed the drawing alone. */
function refuseChange(draw: DrawFacts, terms: TermsChange, now: number): void {
  if (draw.drawingAt !== null || draw.drawnAt !== null) throw new ServiceError("draw_already_drawn");
  if (draw.cancelledAt !== null || draw.archived) throw new ServiceError("draw_cancelled");
  const movable = draw.closedAt !== null ? ["drawAt"] : now >= draw.opensAt ? ["closeAt", "drawAt", "beacon"] : null;
  const fixed = Object.keys(terms).filter((name) => movable !== null && !movable.includes(name));
  const otherChain = movable !== null && terms.beacon !== undefined && terms.beacon?.chainHash !== draw.beacon?.chainHash;
  if (fixed.length > 0 || otherChain) throw new ServiceError("draw_committed", { details: { fixed } });
}
