import { z } from "zod";
import { idPatterns } from "../ids.ts";
import { draw, nestedDrawRequest } from "./admin-draws.ts";
import { page } from "./page.ts";
import { chosenId, countryCode, existingId, instant, messageText, nameText, opaqueText } from "./text.ts";
import type * as admin from "../admin.ts";
import type { AuthenticationRule } from "../authentication.ts";

const timeZone = z.string().max(64).refine(isTimeZone, "must be an IANA time zone such as Europe/Berlin");
function isTimeZone(name: string): boolean {
  try {
    Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

const record = { id: z.string(), organizationId: z.string(), archived: z.boolean(), createdAt: instant, updatedAt: instant.nullable() };
export { listQuery } from "./page.ts";

const host = z
  .string()
  .min(1)
  .max(253)
  .regex(/^(\*\.)?[a-z0-9.-]+(:\d{1,5})?$/, "must be a host such as shop.example or shop.example:8443");
const messageLanguage = z.enum(["en", "de", "fr", "es"]);
const organizationSettings = {
  embeddingAllowedHosts: z.array(host).max(100).nullable().exactOptional(),
  sessionDurationSeconds: z.int().min(60).max(2_592_000).exactOptional(),
  checkoutSeconds: z.int().min(30).max(86_400).exactOptional(),
  retentionDays: z.int().min(1).max(3_650).exactOptional(),
  onIdentityConflict: z.enum(["merge", "reject"]).exactOptional(),
  language: messageLanguage.nullable().exactOptional(),
  phoneCountries: z.array(countryCode).max(250).exactOptional(),
  phoneMessagesPerDay: z.int().min(0).max(1_000_000).exactOptional(),
  guestsPerMinute: z.int().min(1).max(10_000_000).nullable().exactOptional(),
};
export const createOrganizationRequest: z.ZodType<admin.CreateOrganizationRequest> = z.strictObject({
  id: chosenId.exactOptional(),
  name: nameText,
  publishableKey: z.string().regex(idPatterns.publishableKey, "must look like pk_live_… or pk_test_…").exactOptional(),
  secretKey: z.string().regex(idPatterns.secretKey, "must look like sk_live_… or sk_test_…").exactOptional(),
  ...organizationSettings,
});
export const updateOrganizationRequest: z.ZodType<admin.UpdateOrganizationRequest> = z.strictObject({
  name: nameText.exactOptional(),
  ...organizationSettings,
});
export const organization: z.ZodType<admin.Organization> = z.object({
  id: z.string(),
  name: z.string(),
  embeddingAllowedHosts: z.array(z.string()).nullable(),
  sessionDurationSeconds: z.int(),
  checkoutSeconds: z.int(),
  retentionDays: z.int(),
  onIdentityConflict: z.enum(["merge", "reject"]),
  language: messageLanguage.nullable(),
  phoneCountries: z.array(z.string()),
  phoneMessagesPerDay: z.int(),
  guestsPerMinute: z.int().nullable(),
  createdAt: instant,
});
export const createdOrganization: z.ZodType<admin.CreatedOrganization> = z.object({ organization, publishableKey: z.string(), secretKey: z.string() });

export const rotateSigningKeysRequest: z.ZodType<admin.RotateSigningKeysRequest> = z.strictObject({ compromised: z.boolean().exactOptional() });
export const signingKeyList: z.ZodType<admin.SigningKeyList> = z.object({
  keys: z.array(z.object({ kid: z.string(), signsFrom: instant, retiresAt: instant.nullable() })),
});

const apiKeyShape = {
  id: z.string(),
  kind: z.enum(["publishable", "secret"]),
  environment: z.enum(["live", "test"]),
  hint: z.string(),
  createdAt: instant,
  revokedAt: instant.nullable(),
};
export const createApiKeyRequest: z.ZodType<admin.CreateApiKeyRequest> = z
  .strictObject({
    kind: apiKeyShape.kind,
    environment: apiKeyShape.environment.exactOptional(),
    key: z.union([z.string().regex(idPatterns.publishableKey), z.string().regex(idPatterns.secretKey)]).exactOptional(),
  })
  .refine((body) => body.key === undefined || body.key.startsWith(body.kind === "secret" ? "sk_" : "pk_"), {
    path: ["key"],
    message: "must be of the kind asked for",
  });
export const apiKey: z.ZodType<admin.ApiKey> = z.object(apiKeyShape);
export const createdApiKey: z.ZodType<admin.CreatedApiKey> = z.object({ ...apiKeyShape, key: z.string() });
export const apiKeyPage: z.ZodType<admin.Page<admin.ApiKey>> = page(z.object(apiKeyShape));

const queueSettings = {
  openAt: instant.nullable().exactOptional(),
  closeAt: instant.nullable().exactOptional(),
  paused: z.boolean().exactOptional(),
  killed: z.boolean().exactOptional(),
  capacity: z.int().min(1).max(10_000_000).nullable().exactOptional(),
  maxWaiting: z.int().min(1).max(100_000_000).nullable().exactOptional(),
  maxAdmissions: z.int().min(1).max(100_000_000).nullable().exactOptional(),
  admissionExpirationSeconds: z.int().min(10).max(86_400).exactOptional(),
  holdSeconds: z.int().min(60).max(2_592_000).exactOptional(),
  grantExtensions: z.int().min(0).max(20).exactOptional(),
  grantExtensionSeconds: z.int().min(10).max(3_600).exactOptional(),
  positionDisplayMode: z.enum(["precise", "qualitative"]).exactOptional(),
  message: messageText.nullable().exactOptional(),
  ordering: z.enum(["fifo", "shuffle_early"]).exactOptional(),
};
const admitRate = z.number().min(0).max(1_000_000);
const newQueue = { id: chosenId.exactOptional(), name: nameText, admitRate, ...queueSettings };
const inOrder = (body: { openAt?: string | null | undefined; closeAt?: string | null | undefined }): boolean =>
  !body.openAt || !body.closeAt || Date.parse(body.openAt) < Date.parse(body.closeAt);
const orderIssue = { path: ["closeAt"], message: "must be after openAt" };
export const createQueueRequest: z.ZodType<admin.CreateQueueRequest> = z.strictObject({ ...newQueue, sequenceId: existingId }).refine(inOrder, orderIssue);
export const updateQueueRequest: z.ZodType<admin.UpdateQueueRequest> = z
  .strictObject({ name: nameText.exactOptional(), admitRate: admitRate.exactOptional(), ...queueSettings })
  .refine(inOrder, orderIssue);
const queueShape = {
  ...record,
  sequenceId: z.string(),
  experienceId: z.string(),
  name: z.string(),
  openAt: instant.nullable(),
  closeAt: instant.nullable(),
  paused: z.boolean(),
  killed: z.boolean(),
  passThrough: z.boolean(),
  admitRate: z.number(),
  capacity: z.int().nullable(),
  maxWaiting: z.int().nullable(),
  maxAdmissions: z.int().nullable(),
  admissionExpirationSeconds: z.int(),
  holdSeconds: z.int(),
  grantExtensions: z.int(),
  grantExtensionSeconds: z.int(),
  positionDisplayMode: z.enum(["precise", "qualitative"]),
  message: z.string().nullable(),
  ordering: z.enum(["fifo", "shuffle_early"]),
};
export const queue: z.ZodType<admin.Queue> = z.object(queueShape);
export const admitNowRequest: z.ZodType<admin.AdmitNowRequest> = z.strictObject({ count: z.int().min(1).max(10_000) });
export const admittedNow: z.ZodType<admin.AdmittedNow> = z.object({
  admitted: z.int(),
  limitedBy: z.enum(["capacity", "total", "stock", "line", "presence"]).nullable(),
});
export const queueMetrics: z.ZodType<admin.QueueMetrics> = z.object({
  queueId: z.string(),
  at: instant,
  state: z.enum(["upcoming", "open", "paused", "ended", "killed", "exhausted"]),
  waiting: z.int(),
  present: z.int(),
  activeGrants: z.int(),
  granted: z.int(),
  stock: z.int().nullable(),
  joined: z.int(),
  admitRatePerMinute: z.number(),
  observedRatePerMinute: z.number().nullable(),
  estimate: z.object({ low: z.number(), high: z.number(), reason: z.string().exactOptional() }).nullable(),
});
export const queuePage: z.ZodType<admin.Page<admin.Queue>> = page(z.object(queueShape));

const domain = z
  .string()
  .max(253)
  .toLowerCase()
  .regex(/^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]{2,}$/, "must be a domain such as shop.example");
const authentication: z.ZodType<AuthenticationRule> = z.union([
  z.enum(["guest", "identified"]),
  z.strictObject({ emailDomains: z.array(domain).min(1).max(50) }),
]);
const authenticationSetting = { authentication: authentication.exactOptional() };
const sequenceSettings = {
  priority: z.int().min(-1_000_000).max(1_000_000).exactOptional(),
  accessCode: opaqueText.nullable().exactOptional(),
  ...authenticationSetting,
};
const newSequence = { id: chosenId.exactOptional(), name: nameText, ...sequenceSettings };
export const createSequenceRequest: z.ZodType<admin.CreateSequenceRequest> = z.strictObject({ ...newSequence, experienceId: existingId });
export const updateSequenceRequest: z.ZodType<admin.UpdateSequenceRequest> = z.strictObject({ name: nameText.exactOptional(), ...sequenceSettings });
const sequenceShape = { ...record, experienceId: z.string(), name: z.string(), priority: z.int(), hasAccessCode: z.boolean(), authentication };
export const sequence: z.ZodType<admin.Sequence> = z.object(sequenceShape);
export const sequencePage: z.ZodType<admin.Page<admin.Sequence>> = page(z.object(sequenceShape));

const protectionLevel = z.enum(["standard", "enhanced", "maximum"]);
const entryBinding = z.enum(["device", "consumer"]);
const maxEntriesPerConsumer = z.int().min(1).max(1_000).nullable();
export const createExperienceRequest: z.ZodType<admin.CreateExperienceRequest> = z.strictObject({
  id: chosenId.exactOptional(),
  name: nameText,
  timeZone: timeZone.exactOptional(),
  protectionLevel: protectionLevel.exactOptional(),
  maxEntriesPerConsumer: maxEntriesPerConsumer.exactOptional(),
  entryBinding: entryBinding.nullable().exactOptional(),
  ...authenticationSetting,
  sequence: z
    .strictObject({
      ...newSequence,
      queues: z.array(z.strictObject(newQueue).refine(inOrder, orderIssue)).max(10).exactOptional(),
      draws: z.array(nestedDrawRequest).max(10).exactOptional(),
    })
    .exactOptional(),
});
export const updateExperienceRequest: z.ZodType<admin.UpdateExperienceRequest> = z.strictObject({
  name: nameText.exactOptional(),
  timeZone: timeZone.exactOptional(),
  protectionLevel: protectionLevel.exactOptional(),
  maxEntriesPerConsumer: maxEntriesPerConsumer.exactOptional(),
  entryBinding: entryBinding.nullable().exactOptional(),
  ...authenticationSetting,
});
const experienceShape = { ...record, name: z.string(), timeZone: z.string(), protectionLevel, maxEntriesPerConsumer, entryBinding, authentication };
export const experience: z.ZodType<admin.Experience> = z.object(experienceShape);
export const experiencePage: z.ZodType<admin.Page<admin.Experience>> = page(z.object(experienceShape));
export const experienceTree: z.ZodType<admin.ExperienceTree> = z.object({
  ...experienceShape,
  sequences: z.array(z.object({ ...sequenceShape, queues: z.array(z.object(queueShape)), draws: z.array(draw) })),
});
