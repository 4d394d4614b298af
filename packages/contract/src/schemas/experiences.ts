import { z } from "zod";
import { instant, mechanism, opaqueText } from "./text.ts";
import type { ExperienceVisit, PublicExperience, RouteAnswer, RouteRequest } from "../experiences.ts";

const experience = z.object({
  id: z.string(),
  name: z.string(),
  timeZone: z.string(),
  openAt: instant.nullable(),
  closeAt: instant.nullable(),
});
export const publicExperience: z.ZodType<PublicExperience> = experience;
export const experienceVisit: z.ZodType<ExperienceVisit> = z.object({ enteredAt: instant, experience });
export const routeRequest: z.ZodType<RouteRequest> = z.strictObject({ accessCode: opaqueText.exactOptional() });
export const routeAnswer: z.ZodType<RouteAnswer> = z.object({
  experienceId: z.string(),
  outcome: z.enum(["routed", "gated", "no_access"]),
  offers: z.array(
    z.object({
      sequenceId: z.string(),
      name: z.string(),
      priority: z.int(),
      gates: z.array(z.object({ reason: z.object({ code: z.enum(["AUTH_REQUIRED", "ACCESS_CODE_REQUIRED", "BOT_CHECK_REQUIRED"]), detail: z.string() }) })),
      distribution: z.object({
        id: z.string(),
        type: mechanism,
        state: z.enum(["upcoming", "active", "ended", "killed"]),
        openAt: instant.nullable(),
        closeAt: instant.nullable(),
        drawAt: instant.exactOptional(),
      }),
    }),
  ),
});
