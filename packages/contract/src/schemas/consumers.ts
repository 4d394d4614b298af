import { z } from "zod";
import { instant, mechanism, uuid } from "./text.ts";
import type { ConsumerProfile } from "../consumers.ts";

export const consumerProfile: z.ZodType<ConsumerProfile> = z.object({
  id: uuid,
  type: z.enum(["guest", "identified"]),
  email: z.string().nullable(),
  phone: z.string().nullable(),
  fullName: z.string().nullable(),
  createdAt: instant,
  active: z.object({
    participations: z.array(
      z.object({
        mechanism,
        distributionId: z.string(),
        experienceId: z.string(),
        sequenceId: z.string(),
        status: z.enum(["participating", "admitted"]),
        enteredAt: instant,
        grantId: z.string().exactOptional(),
        expiresAt: instant.exactOptional(),
      }),
    ),
  }),
});
