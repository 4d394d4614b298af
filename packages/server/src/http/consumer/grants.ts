import type { ErrorCode, ExtendedGrant, GrantReceipt, Presentation, PresentationClaims, Redemption, ReleasedGrant } from "@fanfare-io/fanfare-contract";
import type { Database } from "../../data/database.ts";
import { isEarnedElsewhere } from "../../data/entry-keys.ts";
import { extendGrant, hasActiveGrant } from "../../data/grant-extensions.ts";
import * as grants from "../../data/grants.ts";
import type { Grant } from "../../data/grants.ts";
import { presentationSeconds, refuseHold, refuseSettlement, retryWindowSeconds } from "../../domain/grant.ts";
import type { Audit } from "../../jobs/audit.ts";
import type { Follower } from "../../lines/follow.ts";
import type { Clock } from "../../platform/clock.ts";
import { callerOf } from "../endpoint.ts";
import type { Call, Handlers } from "../endpoint.ts";
import { ServiceError } from "../service-error.ts";

/** A presentation as its token says it: who may present which grant, and until when (milliseconds). */
export interface PresentationToken extends PresentationClaims {
  readonly presentationId: string;
  readonly organizationId: string;
  readonly consumerId: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** What the grant routes need. */
export interface GrantHandlersDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly follower: Follower;
  readonly audit: Pick<Audit, "note">;
  /** Brings over what stands under earlier ids of a consumer, and answers the consumer's own. */
  readonly settle: (organizationId: string, consumerId: string) => Promise<string>;
  readonly newId: (kind: "redemption" | "receipt") => string;
  readonly newUuid: () => string;
  readonly signPresentation: (token: PresentationToken) => Promise<string> | string;
  /** Null when the token is malformed, forged, expired or another organization's. */
  readonly readPresentation: (token: string, organizationId: string, now: number) => Promise<PresentationToken | null> | PresentationToken | null;
}

/** The routes of a grant: the shopper's page asks for presentations, the shop's backend holds, completes or gives back. */
export function grantHandlers(deps: GrantHandlersDeps): Handlers<"createPresentation" | "extendGrant" | "validateGrant" | "completeGrant" | "releaseGrant"> {
  const { db, clock } = deps;

  async function settled(organizationId: string, grant: Grant): Promise<void> {
    // The slot is free in the database already; catching up lets this node's answers say so at once.
    await deps.follower.catchUp({ organizationId, queueId: grant.distributionId });
  }

  /** What more time the operator of a queue still allows; other mechanisms know none. */
  function extensionOf(organizationId: string, queueId: string, used: number): Pick<Presentation, "extension"> {
    const settings = deps.follower.known({ organizationId, queueId })?.settings();
    const left = (settings?.grantExtensions ?? 0) - used;
    return settings === undefined || left <= 0 ? {} : { extension: { left, seconds: settings.grantExtensionSeconds } };
  }

  async function refuse(organizationId: string, redemptionId: string): Promise<never> {
    const grant = await grants.findRedemption(db, organizationId, redemptionId);
    throw new ServiceError(refuseSettlement(grant?.state ?? null), grant?.state === "completed" ? { details: { grantId: grant.id } } : {});
  }

  /** A token that is ours and does not fit may be a copy, which the shop's operator wants to know of. */
  function refuseToken(call: Call<"validateGrant">, { consumerId, grantId }: PresentationToken, code: ErrorCode): ServiceError {
    deps.audit.note({ kind: "grant_token_refused", organizationId: call.tenant.id, consumerId, subject: grantId, reason: code, requestId: call.requestId });
    return new ServiceError(code);
  }

  return {
    async createPresentation(call) {
      const { consumerId, sessionId, keyThumbprint } = callerOf(call);
      const now = clock.now();
      const presentationId = deps.newUuid();
      const { distributionId, nonce } = call.body;
      const present = (holder: string): Promise<Grant | null> =>
        grants.replacePresentation(db, call.tenant.id, { consumerId: holder, distributionId, presentationId, sessionId, keyThumbprint, at: new Date(now) });
      const presentSettled = async (): Promise<Grant | null> => {
        const owner = await deps.settle(call.tenant.id, consumerId);
        const settledGrant = await present(owner);
        const place = { organizationId: call.tenant.id, consumerId: owner, distributionId, keyThumbprint, at: new Date(now) };
        if (settledGrant === null && (await isEarnedElsewhere(db, place))) throw new ServiceError("other_device");
        return settledGrant;
      };
      const grant = (await present(consumerId)) ?? (await presentSettled());
      if (grant === null) throw new ServiceError("grant_not_active");
      const expiresAt = now + presentationSeconds * 1000;
      const token = await deps.signPresentation({
        presentationId,
        organizationId: call.tenant.id,
        consumerId: grant.consumerId,
        grantId: grant.id,
        experienceId: grant.experienceId,
        distributionId,
        mechanism: grant.mechanism,
        ...(nonce === undefined ? {} : { nonce }),
        issuedAt: now,
        expiresAt,
      });
      const extension = extensionOf(call.tenant.id, distributionId, grant.extensionsUsed);
      const answer: Presentation = { token, tokenExpiresAt: iso(expiresAt), grantId: grant.id, expiresAt: iso(grant.expiresAt), ...extension };
      return { body: answer };
    },

    async extendGrant(call) {
      const { consumerId } = callerOf(call);
      const { distributionId } = call.body;
      const holder = { consumerId, distributionId, at: new Date(clock.now()) };
      const grant = await extendGrant(db, call.tenant.id, holder);
      if (grant === null) throw new ServiceError((await hasActiveGrant(db, call.tenant.id, holder)) ? "grant_not_extendable" : "grant_not_active");
      await deps.follower.catchUp({ organizationId: call.tenant.id, queueId: distributionId });
      const extension = extensionOf(call.tenant.id, distributionId, grant.extensionsUsed);
      return { body: { grantId: grant.id, expiresAt: grant.expiresAt.toISOString(), ...extension } satisfies ExtendedGrant };
    },

    async validateGrant(call) {
      const now = clock.now();
      const presentation = await deps.readPresentation(call.body.token, call.tenant.id, now);
      const asked = addressed(call);
      if (presentation === null || (asked !== undefined && asked !== presentation.distributionId)) throw new ServiceError("invalid_grant_token");
      if (presentation.nonce !== call.body.nonce) throw refuseToken(call, presentation, "grant_nonce_mismatch");
      const { grantId, distributionId, presentationId } = presentation;
      const heldUntil = new Date(now + call.tenant.checkoutSeconds * 1000);
      const redemptionId = deps.newId("redemption");
      const grant = await grants.holdGrant(db, call.tenant.id, { distributionId, grantId, presentationId, redemptionId, at: new Date(now), heldUntil });
      if (grant?.redemptionId == null || grant.heldUntil === null) {
        const found = await grants.findGrant(db, call.tenant.id, distributionId, grantId);
        throw refuseToken(call, presentation, found === null ? "invalid_grant_token" : refuseHold(found, presentationId, now));
      }
      const answer: Redemption = {
        redemptionId: grant.redemptionId,
        grantId: grant.id,
        consumerId: grant.consumerId,
        experienceId: grant.experienceId,
        distributionId: grant.distributionId,
        mechanism: grant.mechanism,
        heldUntil: grant.heldUntil.toISOString(),
      };
      return { body: answer };
    },

    async completeGrant(call) {
      const { redemptionId, orderId, orderAmount } = call.body;
      const asked = addressed(call);
      if (asked !== undefined && (await grants.findRedemption(db, call.tenant.id, redemptionId))?.distributionId !== asked)
        throw new ServiceError(refuseSettlement(null));
      const completion = { redemptionId, orderId, orderAmount: orderAmount ?? null, receiptId: deps.newId("receipt"), at: new Date(clock.now()) };
      const grant = await grants.completeGrant(db, call.tenant.id, completion);
      if (grant === null) return refuse(call.tenant.id, redemptionId);
      await settled(call.tenant.id, grant);
      return { body: receiptOf(grant, redemptionId) };
    },

    async releaseGrant(call) {
      const { redemptionId } = call.body;
      const now = clock.now();
      const grant = await grants.releaseGrant(db, call.tenant.id, redemptionId, new Date(now), new Date(now + retryWindowSeconds * 1000));
      if (grant === null) return refuse(call.tenant.id, redemptionId);
      await settled(call.tenant.id, grant);
      const answer: ReleasedGrant = { grantId: grant.id, status: "active", expiresAt: iso(grant.expiresAt) };
      return { body: answer };
    },
  };
}

function receiptOf(grant: Grant, redemptionId: string): GrantReceipt {
  if (grant.receiptId === null || grant.orderId === null || grant.completedAt === null) throw new Error(`Grant ${grant.id} was completed without its receipt.`);
  return {
    receiptId: grant.receiptId,
    redemptionId,
    grantId: grant.id,
    consumerId: grant.consumerId,
    experienceId: grant.experienceId,
    distributionId: grant.distributionId,
    mechanism: grant.mechanism,
    orderId: grant.orderId,
    orderAmount: grant.orderAmount,
    completedAt: grant.completedAt.toISOString(),
  };
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

/** The queue or draw under whose own address the shop asks; undefined under `/grants`. */
function addressed({ params }: Pick<Call<"validateGrant">, "params">): string | undefined {
  return params["queueId"] ?? params["drawId"];
}
