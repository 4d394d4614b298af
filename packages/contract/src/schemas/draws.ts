import { z } from "zod";
import { instant } from "./text.ts";
import type { DrawCommitment, DrawConsumerState, DrawProof, DrawReceipt, DrawTranscript, DrawWeighting, EnterDrawAnswer, PublicDraw } from "../draws.ts";

const pollAfterSeconds = z.number().positive();
const hash = z.string().regex(/^[0-9a-f]{64}$/, "must be a SHA-256 in hex");

export const drawState = z.enum(["upcoming", "open", "closed", "drawing", "drawn", "cancelled"]);
export const drawWeighting: z.ZodType<DrawWeighting> = z.discriminatedUnion("rule", [
  z.strictObject({ rule: z.literal("equal") }),
  z.strictObject({ rule: z.literal("luck_balancing"), maxWeight: z.int().min(2).max(10) }),
]);
export const drawBeaconRound = z.object({ chainHash: hash, round: z.int().positive(), at: instant });
export const drawCommitment: z.ZodType<DrawCommitment> = z.looseObject({ hash, committedAt: instant });
export const drawReceipt: z.ZodType<DrawReceipt> = z.looseObject({ drawId: z.string(), entry: z.string() });
export const drawProof: z.ZodType<DrawProof> = z.looseObject({ drawId: z.string(), entry: z.string() });
export const drawTranscript: z.ZodType<DrawTranscript> = z.looseObject({ drawId: z.string() });

const entry = {
  enteredAt: instant,
  drawAt: instant,
  winnerCount: z.int(),
  entrants: z.int(),
  weight: z.int().positive(),
  pollAfterSeconds,
  message: z.string().exactOptional(),
};
const states = [
  z.object({ status: z.literal("NOT_ENTERED") }),
  z.object({ status: z.literal("ENTERED"), ...entry, closeAt: instant }),
  z.object({ status: z.literal("SETTLING"), ...entry }),
  z.object({ status: z.literal("WON"), wonAt: instant, grantId: z.string(), expiresAt: instant, pollAfterSeconds }),
  z.object({ status: z.literal("NOT_SELECTED"), drawnAt: instant, reserve: z.object({ ahead: z.int(), pollAfterSeconds }).nullable() }),
  z.object({ status: z.literal("COMPLETED") }),
  z.object({ status: z.literal("EXPIRED") }),
  z.object({ status: z.literal("LEFT") }),
  z.object({
    status: z.literal("DENIED"),
    denyReason: z.enum(["DRAW_CLOSED", "DRAW_CANCELLED", "BOT_DETECTED", "VALIDATION_LIMIT_REACHED", "ORDER_LIMIT_EXCEEDED", "ADMISSION_EXPIRED"]),
  }),
  z.object({ status: z.literal("CANCELLED"), cancelledAt: instant, message: z.string().exactOptional() }),
] as const;

export const drawConsumerState: z.ZodType<DrawConsumerState> = z.discriminatedUnion("status", states);
export const enterDrawAnswer: z.ZodType<EnterDrawAnswer> = z.intersection(
  z.discriminatedUnion("status", states),
  z.object({ pollToken: z.string(), receipt: drawReceipt.exactOptional() }),
);

export const publicDraw: z.ZodType<PublicDraw> = z.object({
  id: z.string(),
  experienceId: z.string(),
  sequenceId: z.string(),
  name: z.string(),
  state: drawState,
  openAt: instant.nullable(),
  closeAt: instant,
  drawAt: instant,
  earlierDrawAts: z.array(instant),
  winnerCount: z.int(),
  capacity: z.int().nullable(),
  entrants: z.int(),
  continueSelectingUntilCompleted: z.boolean(),
  weighting: drawWeighting,
  beacon: drawBeaconRound.nullable(),
  commitment: drawCommitment.nullable(),
  root: hash.nullable(),
  rootedAt: instant.nullable(),
  drawnAt: instant.nullable(),
  cancelledAt: instant.nullable(),
  version: z.int(),
  message: z.string().exactOptional(),
});
