import { z } from "zod";
import { page } from "./page.ts";
import { drawBeaconRound, drawState, drawWeighting } from "./draws.ts";
import { chosenId, existingId, instant, messageText, nameText } from "./text.ts";
import type {
  ArchiveDrawQuery,
  BeaconRecord,
  CancelDrawRequest,
  CreateDrawRequest,
  Draw,
  DrawConfirmation,
  DrawWins,
  RehearsedDraw,
  RehearseDrawRequest,
  UpdateDrawRequest,
} from "../admin-draws.ts";
import type { Page } from "../admin.ts";

const optional = {
  openAt: instant.nullable().exactOptional(),
  closeAt: instant.nullable().exactOptional(),
  capacity: z.int().min(1).max(100_000_000).nullable().exactOptional(),
  admissionExpirationSeconds: z.int().min(10).max(2_592_000).exactOptional(),
  continueSelectingUntilCompleted: z.boolean().exactOptional(),
  weighting: drawWeighting.exactOptional(),
  beacon: drawBeaconRound.nullable().exactOptional(),
  message: messageText.nullable().exactOptional(),
};
const winnerCount = z.int().min(1).max(10_000_000);

/** `openAt` before `closeAt`, and nothing enters after the draw. */
const inOrder = (body: { openAt?: string | null | undefined; closeAt?: string | null | undefined; drawAt?: string | undefined }): boolean => {
  const open = body.openAt ? Date.parse(body.openAt) : -Infinity;
  const draw = body.drawAt ? Date.parse(body.drawAt) : Infinity;
  const close = body.closeAt ? Date.parse(body.closeAt) : draw;
  return open < close && close <= draw;
};
const orderIssue = { path: ["drawAt"], message: "must be after openAt and not before closeAt, which must be after openAt" };

const newDraw = { id: chosenId.exactOptional(), name: nameText, drawAt: instant, winnerCount, ...optional };
export const createDrawRequest: z.ZodType<CreateDrawRequest> = z.strictObject({ ...newDraw, sequenceId: existingId }).refine(inOrder, orderIssue);
/** A draw of a sequence that is made in the same call. */
export const nestedDrawRequest: z.ZodType<Omit<CreateDrawRequest, "sequenceId">> = z.strictObject(newDraw).refine(inOrder, orderIssue);
export const updateDrawRequest: z.ZodType<UpdateDrawRequest> = z
  .strictObject({ name: nameText.exactOptional(), drawAt: instant.exactOptional(), winnerCount: winnerCount.exactOptional(), ...optional })
  .refine(inOrder, orderIssue);
const drawShape = {
  id: z.string(),
  organizationId: z.string(),
  archived: z.boolean(),
  createdAt: instant,
  updatedAt: instant.nullable(),
  sequenceId: z.string(),
  experienceId: z.string(),
  name: z.string(),
  state: drawState,
  openAt: instant.nullable(),
  closeAt: instant.nullable(),
  drawAt: instant,
  winnerCount: z.int(),
  capacity: z.int().nullable(),
  admissionExpirationSeconds: z.int(),
  continueSelectingUntilCompleted: z.boolean(),
  weighting: drawWeighting,
  beacon: drawBeaconRound.nullable(),
  beaconWait: z
    .object({
      since: instant,
      lastAskedAt: instant.nullable(),
      trouble: z.enum(["not_configured", "unreachable", "not_published", "not_genuine"]).nullable(),
    })
    .nullable(),
  entrants: z.int(),
  message: z.string().nullable(),
  drawnAt: instant.nullable(),
  cancelledAt: instant.nullable(),
};
export const draw: z.ZodType<Draw> = z.object(drawShape);
export const drawPage: z.ZodType<Page<Draw>> = page(z.object(drawShape));
export const confirmation: z.ZodType<DrawConfirmation> = z.strictObject({ confirm: existingId });
export const archiveDrawQuery: z.ZodType<ArchiveDrawQuery> = z.strictObject({ confirm: existingId.exactOptional() });
export const cancelDrawRequest: z.ZodType<CancelDrawRequest> = z.strictObject({ confirm: existingId, message: messageText.nullable().exactOptional() });
export const beaconRecord: z.ZodType<BeaconRecord> = z.strictObject({ signature: z.string().regex(/^([0-9a-f]{2}){48,96}$/, "must be a signature in hex") });
export const rehearseDrawRequest: z.ZodType<RehearseDrawRequest> = z.strictObject({
  seed: z
    .string()
    .regex(/^[0-9a-f]{64}$/, "must be 32 bytes in hex")
    .exactOptional(),
});
export const rehearsedDraw: z.ZodType<RehearsedDraw> = z.object({
  seed: z.string(),
  entries: z.int(),
  eligible: z.int(),
  winners: z.array(z.int()),
  weights: z.array(z.object({ weight: z.int(), eligible: z.int(), winners: z.int() })),
});
export const drawWins: z.ZodType<DrawWins> = z.object({
  data: z.array(
    z.object({
      ticket: z.int(),
      consumerId: z.string(),
      grantId: z.string(),
      status: z.enum(["active", "held", "completed", "expired", "revoked"]),
      wonAt: instant,
      expiresAt: instant,
      orderId: z.string().nullable(),
    }),
  ),
});
