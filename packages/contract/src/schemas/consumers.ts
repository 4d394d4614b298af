import { z } from "zod";
import { existingId, instant, mechanism, uuid } from "./text.ts";
import { entryCheckOfOne } from "./entry-checks.ts";
import { securityEvent } from "./security.ts";
import type { ConsumerExport, ConsumerProfile, RevokedConsumer, RevokedGrant, RevokeGrantRequest, RevokeRequest } from "../consumers.ts";

const identity = {
  id: uuid,
  type: z.enum(["guest", "identified"]),
  email: z.string().nullable(),
  phone: z.string().nullable(),
  fullName: z.string().nullable(),
  createdAt: instant,
};
export const consumerProfile: z.ZodType<ConsumerProfile> = z.object({
  ...identity,
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

const distribution = { mechanism, distributionId: z.string(), experienceId: z.string() };
export const consumerExport: z.ZodType<ConsumerExport> = z.object({
  exportedAt: instant,
  consumer: z.object(identity),
  sessions: z.array(
    z.object({
      id: uuid,
      createdAt: instant,
      lastUsedAt: instant,
      expiresAt: instant,
      bound: z.boolean(),
      endedAt: instant.nullable(),
      endedBecause: z.string().nullable(),
    }),
  ),
  participations: z.array(
    z.object({
      ...distribution,
      sequenceId: z.string(),
      ticket: z.int().nullable(),
      status: z.enum(["waiting", "admitted", "completed", "expired", "left", "denied"]),
      enteredAt: instant,
      endedAt: instant.nullable(),
    }),
  ),
  grants: z.array(
    z.object({
      grantId: z.string(),
      ...distribution,
      status: z.enum(["active", "held", "completed", "expired", "revoked"]),
      grantedAt: instant,
      expiresAt: instant,
      orderId: z.string().nullable(),
      orderAmount: z.string().nullable(),
      completedAt: instant.nullable(),
    }),
  ),
  visits: z.array(z.object({ experienceId: z.string(), visitedAt: instant })),
  entryChecks: z.array(entryCheckOfOne),
  securityEvents: z.array(securityEvent),
});
const reason = z.enum(["BOT_DETECTED", "ORDER_LIMIT_EXCEEDED", "ADMISSION_EXPIRED"]).exactOptional();
export const revokeRequest: z.ZodType<RevokeRequest> = z.strictObject({ reason });
export const revokedConsumer: z.ZodType<RevokedConsumer> = z.object({ consumerId: uuid, sessions: z.int(), places: z.int(), grants: z.int() });
export const revokeGrantRequest: z.ZodType<RevokeGrantRequest> = z.strictObject({ distributionId: existingId, grantId: existingId, reason });
export const revokedGrant: z.ZodType<RevokedGrant> = z.object({ grantId: z.string(), status: z.literal("revoked") });
