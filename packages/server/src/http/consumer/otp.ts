import type { ChallengeAnswer, ChallengeReason, LinkOutcome, OtpChallenge } from "@fanfare-io/fanfare-contract";
import { issueOtp, readOtpFacts, recordOpened, tryOtp } from "../../data/otp.ts";
import type { OtpFacts, OtpKey } from "../../data/otp.ts";
import { findSession } from "../../data/sessions.ts";
import type { StoredSession } from "../../data/sessions.ts";
import { chooseLanguage } from "../../delivery/words.ts";
import type { CodeMessage } from "../../delivery/message.ts";
import { decideOtp, matchingEmail, otpResendMs } from "../../domain/otp.ts";
import type { OtpDecision } from "../../domain/otp.ts";
import type { Identities } from "../../identities/identities.ts";
import type { OtpCodes } from "../../platform/otp-codes.ts";
import { readMobileNumber } from "../../platform/phone-numbers.ts";
import type { Seals } from "../../platform/seals.ts";
import type { Call, Handlers } from "../endpoint.ts";
import { limitKey } from "../middleware/address.ts";
import type { Limits } from "../middleware/limits.ts";
import { ServiceError } from "../service-error.ts";
import { demandWork } from "./challenges.ts";
import type { WorkDeps } from "./challenges.ts";
import { tokenResponse } from "./token-response.ts";
import type { TokenResponseDeps } from "./token-response.ts";

/** What codes need. */
export interface OtpHandlersDeps extends WorkDeps, TokenResponseDeps {
  readonly ids: { readonly uuid: () => string };
  readonly codes: OtpCodes;
  /** For messages on their way, and for what was said with a request. */
  readonly messageSeals: Seals;
  readonly limits: Pick<Limits, "count">;
  readonly identities: Identities;
  readonly outbox: {
    /** Whether there is a way out for these. */
    readonly canSend: (channel: "email" | "phone") => boolean;
    readonly wake: () => void;
  };
}

/** An address as it was typed, read. */
interface Recipient {
  readonly channel: "email" | "phone";
  /** As it is compared, and proved. */
  readonly value: string;
  /** As it is written to. */
  readonly to: string;
  /** Of a phone number; null = none. */
  readonly country: string | null;
}

/**
 * The routes of one-time codes. Neither of them asks whether anybody has the address before the right code was typed, so that there is
 * nothing in answers or times that could tell.
 */
export function otpHandlers(deps: OtpHandlersDeps): Handlers<"requestOtp" | "verifyOtp"> {
  return {
    async requestOtp(call) {
      const recipient = await readRecipient(call.body);
      if (!deps.outbox.canSend(recipient.channel)) throw new ServiceError("otp_not_configured");
      return { body: await request(deps, call, recipient) };
    },

    async verifyOtp(call) {
      const { tenant, body } = call;
      const recipient = await readRecipient(body);
      const key = keyFor(deps, call, recipient);
      const codeHash = deps.codes.hashCode(key.address, key.asker, body.code);
      const tried = await tryOtp(deps.db, key, codeHash, deps.clock.now());
      if (tried.kind !== "right") throw invalid(tried.kind === "wrong" ? tried.triesLeft : 0);
      if (tried.opened !== null)
        return { body: tokenResponse(deps, await stillOpen(deps, tenant.id, tried.opened.sessionId), { linked: tried.opened.linked }) };
      const { session, linked } = await prove(deps, call, recipient, tried.sealed);
      await recordOpened(deps.db, key, codeHash, session.id, linked);
      return { body: tokenResponse(deps, session, { linked }) };
    },
  };
}

const maxLooks = 5;

/** One code of several that were asked for at once is sent; the others are told of it. */
async function request(deps: OtpHandlersDeps, call: Call<"requestOtp">, recipient: Recipient): Promise<OtpChallenge> {
  const key = keyFor(deps, call, recipient);
  let hasWorked = false;
  for (let look = 0; look < maxLooks; look++) {
    const now = deps.clock.now();
    const facts = await readOtpFacts(deps.db, key, now);
    if (recipient.channel === "phone") checkCountry(facts, recipient);
    const decision = decideOtp(facts.address, facts.asker, now);
    if (decision.kind === "repeat") return challengeOf(decision.expiresAt, decision.resendAfterMs);
    if (decision.kind === "wait") throw new ServiceError("rate_limited", { retryAfterSeconds: Math.ceil(decision.retryAfterMs / 1000) });
    if (recipient.channel === "phone") checkSpending(facts, now);
    if (!hasWorked) await demandOtpWork(deps, call, recipient, decision);
    hasWorked = true;
    if (!(await issue(deps, call, recipient, { key, facts, decision, now }))) continue;
    deps.outbox.wake();
    return challengeOf(decision.code.expiresAt, otpResendMs);
  }
  throw new ServiceError("service_unavailable", { retryAfterSeconds: 1 });
}

interface Issue {
  readonly key: OtpKey;
  readonly facts: OtpFacts;
  readonly decision: Extract<OtpDecision, { readonly kind: "send" }>;
  readonly now: number;
}

function issue(deps: OtpHandlersDeps, call: Call<"requestOtp">, recipient: Recipient, { key, facts, decision, now }: Issue): Promise<boolean> {
  const { codes, messageSeals } = deps;
  const code = codes.make(decision.code.digits);
  const { fullName } = call.body;
  const { organization, asker, phone } = facts;
  const message: CodeMessage = {
    to: recipient.to,
    code,
    organizationName: organization.name,
    language: organization.language ?? chooseLanguage(call.headers["accept-language"]?.toString()),
    host: hostOf(call.headers["origin"]),
  };
  const sealed = (value: unknown): Uint8Array => messageSeals.seal(Buffer.from(JSON.stringify(value)));
  return issueOtp(
    deps.db,
    {
      key,
      id: deps.ids.uuid(),
      codeHash: codes.hashCode(key.address, key.asker, code),
      sealed: fullName === undefined ? null : sealed({ fullName }),
      code: decision.code,
      message: { channel: recipient.channel, sealed: sealed(message) },
      seen: asker === null ? null : { id: asker.id, failures: asker.failures },
      phonePerDay: phone.perDay,
    },
    now,
  );
}

async function prove(
  deps: OtpHandlersDeps,
  call: Call<"verifyOtp">,
  { channel, value }: Recipient,
  sealed: Uint8Array | null,
): Promise<{ readonly session: StoredSession; readonly linked: LinkOutcome | null }> {
  const { tenant, caller, provedKey, address, requestId } = call;
  const opened = sealed === null ? null : deps.messageSeals.open(sealed);
  const said = opened === null ? {} : (JSON.parse(Buffer.from(opened).toString("utf8")) as { readonly fullName?: string });
  return deps.identities.prove({ organization: tenant, caller, provedKey, identities: [{ kind: channel, value }], ...said, address, requestId });
}

/** The session that a code opened a moment ago, unless it has ended since. */
async function stillOpen({ db }: OtpHandlersDeps, organizationId: string, sessionId: string): Promise<StoredSession> {
  const session = await findSession(db, organizationId, sessionId);
  if (session === null || session.revokedReason !== null) throw invalid(0);
  return session;
}

const invalid = (attemptsRemaining: number): ServiceError => new ServiceError("invalid_otp", { details: { attemptsRemaining } });

/** Who asks, and for which address. Whoever has no key and no session is told apart by network, so that strangers elsewhere use up nothing of theirs. */
function keyFor(
  { codes }: OtpHandlersDeps,
  { tenant, caller, provedKey, address }: Pick<Call<"requestOtp">, "tenant" | "caller" | "provedKey" | "address">,
  { channel, value }: Recipient,
): OtpKey {
  const key = provedKey ?? caller?.keyThumbprint ?? null;
  const asker = key !== null ? `key ${key}` : caller?.sessionId != null ? `session ${caller.sessionId}` : `network ${limitKey(address)}`;
  return { organizationId: tenant.id, address: codes.hashAddress(tenant.id, channel, value), asker: codes.hashAsker(tenant.id, asker) };
}

type Typed = { readonly email: string } | { readonly phone: string; readonly defaultCountry?: string };

async function readRecipient(body: Typed): Promise<Recipient> {
  if ("email" in body) {
    const to = body.email.trim();
    return { channel: "email", value: matchingEmail(to), to, country: null };
  }
  const read = await readMobileNumber(body.phone, body.defaultCountry);
  if (read === null) {
    const expected = "a mobile number with its country, such as +49 151 23456789, or with defaultCountry";
    throw new ServiceError("validation_error", { issues: [{ path: ["phone"], message: "is not a mobile number", expected }] });
  }
  return { channel: "phone", value: read.number, to: read.number, country: read.country };
}

function checkCountry({ phone }: OtpFacts, { country }: Recipient): void {
  if (country === null || !phone.countries.includes(country)) throw new ServiceError("phone_country_not_allowed", { details: { country } });
}

const dayMs = 86_400_000;

function checkSpending({ phone }: OtpFacts, now: number): void {
  if (phone.sentToday >= phone.perDay) throw new ServiceError("phone_limit_reached", { retryAfterSeconds: Math.ceil((dayMs - (now % dayMs)) / 1000) });
}

async function demandOtpWork(deps: OtpHandlersDeps, call: Call<"requestOtp">, { channel }: Recipient, decision: Issue["decision"]): Promise<void> {
  const isBusy = deps.limits.count("code", limitKey(call.address)).isOver;
  const reasons: ChallengeReason[] = [];
  if (channel === "phone") reasons.push("text_message");
  if (decision.isWorkDue || isBusy) reasons.push("code_requests");
  const answer: ChallengeAnswer | undefined = call.body.challenge;
  if (reasons.length > 0) await demandWork(deps, { organizationId: call.tenant.id, purpose: "otp", reasons }, answer);
}

/** The host that a phone is to offer the code to: of a page that is served securely, as the pipeline has checked it. */
function hostOf(origin: string | string[] | undefined): string | null {
  if (typeof origin !== "string" || !origin.startsWith("https://") || !URL.canParse(origin)) return null;
  return new URL(origin).hostname;
}

const challengeOf = (expiresAt: number, resendAfterMs: number): OtpChallenge => ({
  expiresAt: new Date(expiresAt).toISOString(),
  resendAfterSeconds: Math.ceil(resendAfterMs / 1000),
});
