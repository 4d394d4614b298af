import { z } from "zod";
import { page } from "./page.ts";
import { linkKind, participation } from "./session.ts";
import { existingId, instant, mechanism, opaqueText, uuid } from "./text.ts";
import { entryCheckOfOne } from "./entry-checks.ts";
import { securityEvent } from "./security.ts";
import type {
  ConsumerExport,
  ConsumerProfile,
  ConsumerRecord,
  RevokedConsumer,
  RevokedGrant,
  RevokeGrantRequest,
  RevokeRequest,
  UnlinkedConsumer,
  UpdateProfileRequest,
} from "../consumers.ts";

const identity = {
  id: uuid,
  type: z.enum(["guest", "identified"]),
  email: z.string().nullable(),
  phone: z.string().nullable(),
  fullName: z.string().nullable(),
  createdAt: instant,
};
const profile = {
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
};
export const consumerProfile: z.ZodType<ConsumerProfile> = z.object(profile);
export const updateProfileRequest: z.ZodType<UpdateProfileRequest> = z.strictObject({ fullName: opaqueText.nullable().exactOptional() });

const proved = z.object({ kind: z.enum(["email", "phone", "external"]), value: z.string(), provedAt: instant });
const link = z.object({
  id: uuid,
  kind: linkKind,
  identityKind: z.enum(["email", "phone", "external"]),
  fromConsumerId: uuid.nullable(),
  moved: z.array(participation),
  kept: z.array(participation),
  linkedAt: instant,
  undoneAt: instant.nullable(),
});
const known = { identities: z.array(proved), aliases: z.array(uuid), links: z.array(link) };

const distribution = { mechanism, distributionId: z.string(), experienceId: z.string() };
const history = {
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
};
export const consumerExport: z.ZodType<ConsumerExport> = z.object({
  exportedAt: instant,
  consumer: z.object(identity),
  lostDraws: z.int(),
  ...known,
  sessions: z.array(
    z.object({
      id: uuid,
      createdAt: instant,
      lastUsedAt: instant,
      expiresAt: instant,
      bound: z.boolean(),
      keyThumbprint: z.string().nullable(),
      signals: z.object({ hash: z.string(), webdriver: z.boolean() }).nullable(),
      endedAt: instant.nullable(),
      endedBecause: z.string().nullable(),
    }),
  ),
  ...history,
  visits: z.array(z.object({ experienceId: z.string(), visitedAt: instant })),
  entryChecks: z.array(entryCheckOfOne),
  boundEntries: z.array(z.object({ distributionId: z.string(), keyThumbprint: z.string(), boundAt: instant })),
  securityEvents: z.array(securityEvent),
});
export const consumerRecord: z.ZodType<ConsumerRecord> = z.object({ ...profile, ...known, ...history });
export const consumerQuery = z
  .strictObject({ email: z.email().max(254).exactOptional(), phone: z.string().max(32).exactOptional(), id: uuid.exactOptional() })
  .refine((query) => Object.keys(query).length === 1, "must be one of email, phone and id");
export const consumerPage = page(z.object(identity));
export const unlinkedConsumer: z.ZodType<UnlinkedConsumer> = z.object({
  consumerId: uuid,
  fromConsumerId: uuid,
  reentered: z.array(participation),
});

const reason = z.enum(["BOT_DETECTED", "ORDER_LIMIT_EXCEEDED", "ADMISSION_EXPIRED"]).exactOptional();
export const revokeRequest: z.ZodType<RevokeRequest> = z.strictObject({ reason });
export const revokedConsumer: z.ZodType<RevokedConsumer> = z.object({ consumerId: uuid, sessions: z.int(), places: z.int(), grants: z.int() });
export const revokeGrantRequest: z.ZodType<RevokeGrantRequest> = z.strictObject({ distributionId: existingId, grantId: existingId, reason });
export const revokedGrant: z.ZodType<RevokedGrant> = z.object({ grantId: z.string(), status: z.literal("revoked") });
