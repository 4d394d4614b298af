import { z } from "zod";
import type { Challenge, ChallengeAnswer, CreateChallengeRequest, EnterRequest } from "../challenges.ts";
import { opaqueText } from "./text.ts";

const hex = z.string().regex(/^(?:[0-9a-f]{2}){1,64}$/, "must be bytes in lower-case hex");
const count = z.int().min(1).max(1_048_576);
const purpose = z.enum(["guest", "enter", "otp"]);
const effort = z.enum(["normal", "raised", "high"]);
export const createChallengeRequest: z.ZodType<CreateChallengeRequest> = z.strictObject({ purpose: purpose.exactOptional(), effort: effort.exactOptional() });
export const challenge: z.ZodType<Challenge> = z.strictObject({
  parameters: z.strictObject({
    algorithm: z.literal("SCRYPT"),
    nonce: hex,
    salt: hex,
    cost: count,
    memoryCost: count,
    parallelism: count,
    keyLength: z.int().min(1).max(64),
    keyPrefix: hex,
    keySignature: hex,
    expiresAt: z.int().min(1).max(4_102_444_800),
    data: z.strictObject({ organizationId: opaqueText, purpose, effort: effort.exactOptional() }),
  }),
  signature: hex,
});
export const challengeAnswer: z.ZodType<ChallengeAnswer> = z.strictObject({
  challenge,
  solution: z.strictObject({ counter: z.int().min(0).max(4_294_967_295), derivedKey: hex }),
});
export const enterRequest: z.ZodType<EnterRequest> = z.strictObject({
  challenge: challengeAnswer.exactOptional(),
  accessCode: opaqueText.exactOptional(),
});
