import { createAll } from "../../data/create-all.ts";
import { findExperience } from "../../data/experiences.ts";
import * as sequences from "../../data/sequences.ts";
import type { Handlers } from "../endpoint.ts";
import { ServiceError } from "../service-error.ts";
import { found, invalidField, pageOrRefuse } from "./answers.ts";
import type { LaunchHandlersDeps } from "./experiences.ts";

/** The routes of sequences: the ways into an experience. */
export function sequenceHandlers(
  deps: LaunchHandlersDeps,
): Handlers<"createSequence" | "listSequences" | "getSequence" | "updateSequence" | "archiveSequence"> {
  const { db, ids } = deps;
  const now = (): Date => new Date(deps.clock.now());

  return {
    async createSequence({ tenant, body }) {
      if ((await findExperience(db, tenant.id, body.experienceId)) === null) {
        throw invalidField("experienceId", "names no experience of this organization", "an existing experience");
      }
      const id = body.id ?? ids.make("sequence");
      if (!(await createAll(db, [sequences.insertSequence(db, tenant.id, id, body, now())]))) throw new ServiceError("already_exists");
      return { body: found(await sequences.findSequence(db, tenant.id, id)) };
    },
    async listSequences({ tenant, query }) {
      return { body: pageOrRefuse(await sequences.listSequences(db, tenant.id, query), query) };
    },
    async getSequence({ tenant, params }) {
      return { body: found(await sequences.findSequence(db, tenant.id, params["sequenceId"] ?? "")) };
    },
    async updateSequence({ tenant, params, body }) {
      return { body: found(await sequences.updateSequence(db, tenant.id, params["sequenceId"] ?? "", body, now())) };
    },
    async archiveSequence({ tenant, params }) {
      return { body: found(await sequences.updateSequence(db, tenant.id, params["sequenceId"] ?? "", { archived: true }, now())) };
    },
  };
}
