import { FanfareError } from "@fanfare-io/fanfare-sdk-server";
import type { FanfareErrorCode, GrantPreview, Grants, GrantToken } from "@fanfare-io/fanfare-sdk-server";

/** The line's rules about grants, small enough to read, with levers for a bad day. */
export interface Line extends Grants {
  /** A fresh presentation of a grant; the grant is made when it is new. */
  present(grantId: string, facts?: Partial<GrantPreview>): string;
  /** Fails the next so many calls of one kind. */
  failNext(call: "validate" | "complete" | "release", code: FanfareErrorCode, times?: number): void;
  readonly calls: readonly string[];
}

interface Held {
  status: "active" | "held" | "completed";
  redemptionId: string;
  orderId?: string;
}

/** Starts an empty line. */
export function createLine(heldUntil: () => number): Line {
  const grants = new Map<string, Held>();
  const tokens = new Map<string, { preview: GrantPreview; used: boolean }>();
  const failures: { call: string; code: FanfareErrorCode; times: number }[] = [];
  const calls: string[] = [];
  let count = 0;

  const no = (code: FanfareErrorCode, status: number, details?: Record<string, unknown>) => new FanfareError(code, "no", { status, details });
  const enter = (call: string): void => {
    calls.push(call);
    const failure = failures.find((candidate) => candidate.call === call && candidate.times-- > 0);
    if (failure !== undefined) throw no(failure.code, failure.code === "SERVICE_UNAVAILABLE" ? 503 : 409);
  };
  const byRedemption = (redemptionId: string): Held => {
    const held = [...grants.values()].find((grant) => grant.redemptionId === redemptionId);
    if (held === undefined || held.status === "active") throw no("GRANT_NOT_HELD", 409);
    return held;
  };
  const facts = (preview: GrantPreview) => ({
    grantId: preview.grantId,
    consumerId: preview.consumerId,
    experienceId: preview.experienceId,
    distributionId: preview.distributionId,
    mechanism: preview.mechanism,
  });

  return {
    calls,
    present(grantId, changes = {}) {
      const token = `${grantId}.${++count}`;
      if (!grants.has(grantId)) grants.set(grantId, { status: "active", redemptionId: "" });
      const preview: GrantPreview = {
        grantId,
        consumerId: `consumer_${grantId}`,
        experienceId: "exp_drop",
        distributionId: "queue_drop",
        mechanism: "queue",
        tokenExpiresAt: "",
        ...changes,
      };
      tokens.set(token, { preview, used: false });
      return token;
    },
    failNext: (call, code, times = 1) => void failures.push({ call, code, times }),
    async verify(token) {
      const found = tokens.get(token);
      if (found === undefined)
        throw no("INVALID_GRANT_TOKEN", 422, { reason: token === "old" ? "expired" : token === "foreign" ? "wrong_organization" : "forged" });
      return found.preview;
    },
    async validate(given: string | GrantToken) {
      enter("validate");
      const found = tokens.get(typeof given === "string" ? given : given.token);
      if (found === undefined) throw no("INVALID_GRANT_TOKEN", 422);
      if (found.used) throw no("GRANT_TOKEN_USED", 409);
      found.used = true;
      const held = grants.get(found.preview.grantId);
      if (held === undefined || held.status === "completed") throw no("GRANT_COMPLETED", 409);
      if (held.status === "active") Object.assign(held, { status: "held", redemptionId: `red_${++count}` });
      return { ...facts(found.preview), redemptionId: held.redemptionId, heldUntil: new Date(heldUntil()).toISOString() };
    },
    async complete({ redemptionId, orderId, orderAmount }) {
      enter("complete");
      const held = byRedemption(redemptionId);
      if (held.status === "completed" && held.orderId !== orderId) throw no("GRANT_COMPLETED", 409);
      Object.assign(held, { status: "completed", orderId });
      const receipt = { receiptId: `rcpt_${orderId}`, redemptionId, grantId: "g", consumerId: "c", experienceId: "exp_drop", distributionId: "queue_drop" };
      return { ...receipt, mechanism: "queue", orderId, orderAmount: orderAmount ?? null, completedAt: new Date(0).toISOString() };
    },
    async release({ redemptionId }) {
      enter("release");
      byRedemption(redemptionId).status = "active";
      return { grantId: "g", status: "active", expiresAt: new Date(heldUntil()).toISOString() };
    },
  };
}
