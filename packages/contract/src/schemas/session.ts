import { z } from "zod";
import { challengeAnswer } from "./challenges.ts";
import { countryCode, mechanism, instant, opaqueText, tokenText, uuid } from "./text.ts";
import type {
  AuthorizeExternalRequest,
  CreateGuestRequest,
  ExchangeExternalRequest,
  ExternalClaims,
  ExternalCode,
  LogoutRequest,
  OtpAnswer,
  OtpChallenge,
  OtpRequestBody,
  RedeemTransferRequest,
  RefreshRequest,
  SessionAnswer,
  SessionList,
  SessionSignals,
  TokenResponse,
  TransferCode,
  TransferRequest,
} from "../session.ts";

const bound = z.union([z.literal("device"), z.literal("page"), z.literal(false)]);
const signals = z.record(z.string().max(64), z.unknown()).refine((value) => Object.keys(value).length <= 32, "must have at most 32 signals");
export const participation = z.object({ mechanism, distributionId: z.string() });
export const linkKind = z.enum(["created", "upgraded", "merged", "switched"]);
const linkOutcome = z.object({
  kind: linkKind,
  fromConsumerId: uuid.exactOptional(),
  moved: z.array(participation),
  kept: z.array(participation),
});

const unlinkOutcome = z.object({ fromConsumerId: uuid, reentered: z.array(participation) });
const guestSession = z.object({
  type: z.literal("guest"),
  consumerId: uuid,
  guestId: uuid,
  expiresAt: instant,
  bound,
  sessionSignals: signals.exactOptional(),
  unlinked: unlinkOutcome.exactOptional(),
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

const sessionSignals: z.ZodType<SessionSignals> = z.strictObject({
  timeZone: z
    .string()
    .max(64)
    .regex(/^[A-Za-z0-9_+/-]+$/, "must be an IANA time zone such as Europe/Berlin")
    .exactOptional(),
  language: z
    .string()
    .max(35)
    .regex(/^[A-Za-z0-9-]+$/, "must be a language tag such as de-AT")
    .exactOptional(),
  screen: z.enum(["small", "medium", "large"]).exactOptional(),
  colorScheme: z.enum(["light", "dark"]).exactOptional(),
  cores: z.enum(["few", "some", "many"]).exactOptional(),
  touch: z.boolean().exactOptional(),
  platform: z.enum(["windows", "macos", "ios", "android", "linux", "other"]).exactOptional(),
  webdriver: z.boolean().exactOptional(),
});
export const createGuestRequest: z.ZodType<CreateGuestRequest> = z.strictObject({
  installSecret: z
    .string()
    .regex(/^[A-Za-z0-9_-]{22,86}$/, "must be 16 to 64 random bytes in base64url")
    .exactOptional(),
  sessionDuration: z.int().min(60).max(2_592_000).exactOptional(),
  sessionSignals: sessionSignals.exactOptional(),
  challenge: challengeAnswer.exactOptional(),
});
export const refreshRequest: z.ZodType<RefreshRequest> = z.strictObject({ refreshToken: tokenText, sessionSignals: z.literal(true).exactOptional() });
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

const claims: z.ZodType<ExternalClaims> = z.strictObject({
  email: email.exactOptional(),
  emailVerified: z.boolean().exactOptional(),
  phone: z
    .string()
    .regex(/^\+[1-9]\d{6,14}$/, "must be E.164 such as +4915112345678")
    .exactOptional(),
  phoneVerified: z.boolean().exactOptional(),
  fullName,
});
const named = opaqueText.min(1);
const base64url = (bytes: string) => z.string().regex(/^[A-Za-z0-9_-]+$/, `must be ${bytes} in base64url`);
export const authorizeExternalRequest: z.ZodType<AuthorizeExternalRequest> = z.strictObject({
  provider: named,
  issuer: named,
  subject: named,
  codeChallenge: base64url("a SHA-256").length(43).exactOptional(),
  claims: claims.exactOptional(),
});
export const externalCode: z.ZodType<ExternalCode> = z.object({ exchangeCode: z.string(), expiresAt: instant });
export const exchangeExternalRequest: z.ZodType<ExchangeExternalRequest> = z.strictObject({
  exchangeCode: tokenText,
  // RFC 7636 §4.1.
  codeVerifier: z
    .string()
    .regex(/^[A-Za-z0-9._~-]{43,128}$/, "must be 43 to 128 unreserved characters")
    .exactOptional(),
});

export const sessionList: z.ZodType<SessionList> = z.object({
  sessions: z.array(z.object({ id: uuid, createdAt: instant, lastUsedAt: instant, expiresAt: instant, bound: z.boolean(), current: z.boolean() })),
});
export const endSessionsQuery = z.strictObject({ others: z.literal("true").exactOptional() });

export const tokenResponse: z.ZodType<TokenResponse> = z.object({
  accessToken: z.string(),
  refreshToken: z.string(),
  tokenType: z.enum(["Bearer", "DPoP"]),
  expiresInSeconds: z.int(),
  session,
});
export const sessionAnswer: z.ZodType<SessionAnswer> = z.object({ session });
