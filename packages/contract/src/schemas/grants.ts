import { z } from "zod";
import { existingId, instant, mechanism, money, opaqueText, tokenText, uuid } from "./text.ts";
import type {
  CompleteGrantRequest,
  ExtendedGrant,
  ExtendGrantRequest,
  GrantReceipt,
  Presentation,
  PresentationRequest,
  Redemption,
  ReleasedGrant,
  ReleaseGrantRequest,
  ValidateGrantRequest,
} from "../grants.ts";

export const presentationRequest: z.ZodType<PresentationRequest> = z.strictObject({ distributionId: existingId, nonce: opaqueText.exactOptional() });
const extension = z.object({ left: z.int(), seconds: z.int() }).exactOptional();
export const presentation: z.ZodType<Presentation> = z.object({
  token: z.string(),
  tokenExpiresAt: instant,
  grantId: z.string(),
  expiresAt: instant,
  extension,
});
export const extendGrantRequest: z.ZodType<ExtendGrantRequest> = z.strictObject({ distributionId: existingId });
export const extendedGrant: z.ZodType<ExtendedGrant> = z.object({ grantId: z.string(), expiresAt: instant, extension });
export const validateGrantRequest: z.ZodType<ValidateGrantRequest> = z.strictObject({ token: tokenText, nonce: opaqueText.exactOptional() });

const grantFacts = {
  redemptionId: z.string(),
  grantId: z.string(),
  consumerId: uuid,
  experienceId: z.string(),
  distributionId: z.string(),
  mechanism,
};
export const redemption: z.ZodType<Redemption> = z.object({ ...grantFacts, heldUntil: instant });
export const completeGrantRequest: z.ZodType<CompleteGrantRequest> = z.strictObject({
  redemptionId: existingId,
  orderId: opaqueText,
  orderAmount: money.exactOptional(),
});
export const grantReceipt: z.ZodType<GrantReceipt> = z.object({
  receiptId: z.string(),
  ...grantFacts,
  orderId: z.string(),
  orderAmount: money.nullable(),
  completedAt: instant,
});
export const releaseGrantRequest: z.ZodType<ReleaseGrantRequest> = z.strictObject({ redemptionId: existingId });
export const releasedGrant: z.ZodType<ReleasedGrant> = z.object({ grantId: z.string(), status: z.literal("active"), expiresAt: instant });
