import { z } from "zod";
import { drawBeaconRound, drawState, drawWeighting } from "./draws.ts";
import { chosenId, existingId, instant, messageText, nameText } from "./text.ts";
import type { CreateDrawRequest, Draw, UpdateDrawRequest } from "../admin-draws.ts";

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

export const createDrawRequest: z.ZodType<CreateDrawRequest> = z
  .strictObject({ id: chosenId.exactOptional(), sequenceId: existingId, name: nameText, drawAt: instant, winnerCount, ...optional })
  .refine(inOrder, orderIssue);
export const updateDrawRequest: z.ZodType<UpdateDrawRequest> = z
  .strictObject({ name: nameText.exactOptional(), drawAt: instant.exactOptional(), winnerCount: winnerCount.exactOptional(), ...optional })
  .refine(inOrder, orderIssue);
export const draw: z.ZodType<Draw> = z.object({
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
  entrants: z.int(),
  message: z.string().nullable(),
  drawnAt: instant.nullable(),
  cancelledAt: instant.nullable(),
});
