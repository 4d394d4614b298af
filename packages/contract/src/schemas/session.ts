import { z } from "zod";
import { challengeAnswer } from "./challenges.ts";
import { countryCode, mechanism, instant, opaqueText, tokenText, uuid } from "./text.ts";
import type {
  CreateGuestRequest,
  LogoutRequest,
  OtpAnswer,
  OtpChallenge,
  OtpRequestBody,
  RedeemTransferRequest,
  RefreshRequest,
  SessionAnswer,
  TokenResponse,
  TransferCode,
  TransferRequest,
} from "../session.ts";

const bound = z.union([z.literal("device"), z.literal("page"), z.literal(false)]);
const signals = z.record(z.string().max(64), z.unknown()).refine((value) => Object.keys(value).length <= 32, "must have at most 32 signals");
const participation = z.object({ mechanism, distributionId: z.string() });
const linkOutcome = z.object({
  kind: z.enum(["created", "upgraded", "merged", "switched"]),
  fromConsumerId: uuid.exactOptional(),
  moved: z.array(participation),
  kept: z.array(participation),
});

const guestSession = z.object({
  type: z.literal("guest"),
  consumerId: uuid,
  guestId: uuid,
  expiresAt: instant,
  bound,
  sessionSignals: signals.exactOptional(),
});
const authenticatedSession = z.object({
  type: z.literal("authenticated"),
  consumerId: uuid,
  guestId: uuid.exactOptional(),
  email: z.string().exactOptional(),
  phone: z.string().exactOptional(),
  expiresAt: instant,
  bound,
  sessionSignals: signals.exactOptional(),
  linked: linkOutcome.exactOptional(),
});
const session = z.discriminatedUnion("type", [guestSession, authenticatedSession]);

export const createGuestRequest: z.ZodType<CreateGuestRequest> = z.strictObject({
  installSecret: z
    .string()
    .regex(/^[A-Za-z0-9_-]{22,86}$/, "must be 16 to 64 random bytes in base64url")
    .exactOptional(),
  sessionDuration: z.int().min(60).max(2_592_000).exactOptional(),
  sessionSignals: signals.exactOptional(),
  challenge: challengeAnswer.exactOptional(),
});
export const refreshRequest: z.ZodType<RefreshRequest> = z.strictObject({ refreshToken: tokenText });
export const logoutRequest: z.ZodType<LogoutRequest> = z.strictObject({ refreshToken: tokenText.exactOptional() });

export const transferRequest: z.ZodType<TransferRequest> = z.strictObject({
  origin: z
    .string()
    .max(300)
    .regex(/^https?:\/\/[a-z0-9.[\]:-]+$/, "must be an origin such as https://checkout.shop.example"),
});
export const transferCode: z.ZodType<TransferCode> = z.object({ code: z.string(), expiresAt: instant });
export const redeemTransferRequest: z.ZodType<RedeemTransferRequest> = z.strictObject({ code: tokenText });

const email = z.email().max(254);
const phone = z.string().min(3).max(32);
const fullName = opaqueText.exactOptional();
const defaultCountry = countryCode.exactOptional();
const challenge = challengeAnswer.exactOptional();
export const otpRequest: z.ZodType<OtpRequestBody> = z.union([
  z.strictObject({ email, fullName, challenge }),
  z.strictObject({ phone, defaultCountry, fullName, challenge }),
]);
const code = z
  .string()
  .max(24)
  .transform((typed) => typed.replaceAll(/[\s-]/g, ""))
  .pipe(z.string().regex(/^\d{6,12}$/, "must be the digits that were sent"));
export const otpAnswer: z.ZodType<OtpAnswer> = z.union([z.strictObject({ email, code }), z.strictObject({ phone, defaultCountry, code })]);
export const otpChallenge: z.ZodType<OtpChallenge> = z.object({ expiresAt: instant, resendAfterSeconds: z.int() });

export const tokenResponse: z.ZodType<TokenResponse> = z.object({
  accessToken: z.string(),
  refreshToken: z.string(),
  tokenType: z.enum(["Bearer", "DPoP"]),
  expiresInSeconds: z.int(),
  session,
});
export const sessionAnswer: z.ZodType<SessionAnswer> = z.object({ session });
