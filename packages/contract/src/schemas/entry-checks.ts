import { z } from "zod";
import type { ChallengeReason } from "../challenges.ts";
import type { BotCheck, EntryCheck, EntryCheckState, ReleasedEntryBinding, ReleaseEntryBindingRequest, ReleaseEntryCheckRequest } from "../entry-checks.ts";
import { listQuery, page } from "./page.ts";
import { existingId, instant, uuid } from "./text.ts";

const challengeReasons = [
  "address_busy",
  "network_busy",
  "address_shared",
  "network_shared",
  "signals_shared",
  "headless",
  "protection_maximum",
  "text_message",
  "code_requests",
] as const satisfies readonly ChallengeReason[];
const states = ["clear", "worked", "asked", "passed", "released", "missed"] as const satisfies readonly EntryCheckState[];
const reasons = z.array(z.enum(challengeReasons));

export const botCheck: z.ZodType<BotCheck> = z.object({ gate: z.literal("bot_check"), reasons, heldUntil: instant });
export const entryCheckQuery = listQuery.extend({
  distributionId: existingId.exactOptional(),
  consumerId: uuid.exactOptional(),
  state: z.enum(states).exactOptional(),
});
const story = { distributionId: z.string(), state: z.enum(states), reasons, createdAt: instant, askedAt: instant.nullable(), answeredAt: instant.nullable() };
export const entryCheck: z.ZodType<EntryCheck> = z.object({
  id: z.string(),
  consumerId: uuid,
  experienceId: z.string(),
  ...story,
  crowd: z.object({ address: z.int(), network: z.int(), signals: z.int().nullable() }),
  heldUntil: instant.nullable(),
});
/** What an export says of each. */
export const entryCheckOfOne = z.object({ ...story, addressHash: z.string(), networkHash: z.string(), signalsHash: z.string().nullable() });
export const entryCheckPage = page(entryCheck);
export const releaseEntryCheckRequest: z.ZodType<ReleaseEntryCheckRequest> = z.strictObject({ distributionId: existingId, consumerId: uuid });
export const releaseEntryBindingRequest: z.ZodType<ReleaseEntryBindingRequest> = z.strictObject({ distributionId: existingId, consumerId: uuid });
export const releasedEntryBinding: z.ZodType<ReleasedEntryBinding> = z.object({ distributionId: z.string(), consumerId: uuid, released: z.boolean() });
