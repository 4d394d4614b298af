import type { CreateExperienceRequest, ExperienceTree } from "@fanfare-io/fanfare-contract";
import { prepared, runAll } from "../../data/create-all.ts";
import type { Prepared } from "../../data/create-all.ts";
import type { Database } from "../../data/database.ts";
import { insertDraw } from "../../data/draw-settings.ts";
import { findDrawsOf } from "../../data/draws.ts";
import * as experiences from "../../data/experiences.ts";
import { findQueuesOf, insertQueue } from "../../data/queues.ts";
import { findSequencesOf, insertSequence } from "../../data/sequences.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Ids } from "../../platform/ids.ts";
import type { Handlers } from "../endpoint.ts";
import { ServiceError } from "../service-error.ts";
import { found, pageOrRefuse } from "./answers.ts";
import { planDraw } from "./new-draw.ts";
import { showDraw } from "./shown-draw.ts";

/** What the routes of launches need. */
export interface LaunchHandlersDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  /** 32 random bytes. */
  readonly newSeed: () => Uint8Array;
}

/** The routes of experiences. */
export function experienceHandlers(
  deps: LaunchHandlersDeps,
): Handlers<"createExperience" | "listExperiences" | "getExperienceTree" | "updateExperience" | "archiveExperience"> {
  const { db, ids } = deps;
  const now = (): Date => new Date(deps.clock.now());

  /** Everything that the request describes, as statements of one transaction. */
  function statementsOf(organizationId: string, id: string, request: CreateExperienceRequest): Prepared[] {
    const at = now();
    const statements: Prepared[] = [prepared(experiences.insertExperience(db, organizationId, id, request, at))];
    const { sequence } = request;
    if (sequence === undefined) return statements;
    const sequenceId = sequence.id ?? ids.make("sequence");
    statements.push(prepared(insertSequence(db, organizationId, sequenceId, { ...sequence, experienceId: id }, at)));
    for (const queue of sequence.queues ?? []) {
      const made = { at, orderSeed: deps.newSeed() };
      statements.push(...insertQueue(db, organizationId, queue.id ?? ids.make("queue"), id, { ...queue, sequenceId }, made).map(prepared));
    }
    for (const [index, draw] of (sequence.draws ?? []).entries()) {
      const planned = { id: draw.id ?? ids.make("draw"), experienceId: id, request: { ...draw, sequenceId } };
      const time = { now: at.getTime(), newSeed: deps.newSeed };
      statements.push(...insertDraw(organizationId, planDraw(organizationId, planned, time, ["sequence", "draws", index])));
    }
    return statements;
  }

  async function tree(organizationId: string, id: string): Promise<ExperienceTree> {
    const [experience, sequences, queues, draws] = await Promise.all([
      experiences.findExperience(db, organizationId, id),
      findSequencesOf(db, organizationId, id),
      findQueuesOf(db, organizationId, id),
      findDrawsOf(db, organizationId, id),
    ]);
    const at = deps.clock.now();
    const within = <Distribution extends { readonly sequenceId: string }>(all: readonly Distribution[], sequenceId: string): Distribution[] =>
      all.filter((distribution) => distribution.sequenceId === sequenceId);
    return {
      ...found(experience),
      sequences: sequences.map((sequence) => ({
        ...sequence,
        queues: within(queues, sequence.id),
        draws: within(draws, sequence.id).map((draw) => showDraw(draw, at)),
      })),
    };
  }

  return {
    async createExperience({ tenant, body }) {
      const id = body.id ?? ids.make("experience");
      if (!(await runAll(db, statementsOf(tenant.id, id, body)))) throw new ServiceError("already_exists");
      return { body: await tree(tenant.id, id) };
    },
    async listExperiences({ tenant, query }) {
      return { body: pageOrRefuse(await experiences.listExperiences(db, tenant.id, query), query) };
    },
    async getExperienceTree({ tenant, params }) {
      return { body: await tree(tenant.id, params["experienceId"] ?? "") };
    },
    async updateExperience({ tenant, params, body }) {
      return { body: found(await experiences.updateExperience(db, tenant.id, params["experienceId"] ?? "", body, now())) };
    },
    async archiveExperience({ tenant, params }) {
      return { body: found(await experiences.updateExperience(db, tenant.id, params["experienceId"] ?? "", { archived: true }, now())) };
    },
  };
}
