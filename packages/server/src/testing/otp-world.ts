import type { ChallengeAnswer, CreatedOrganization, InboxMessage } from "@fanfare-io/fanfare-contract";
import { solveChallenge } from "altcha-lib";
import { deriveKey } from "altcha-lib/algorithms/scrypt";
import { createTestDevice } from "./device.ts";
import type { TestAnswer, TestService } from "./start-test-service.ts";

/** Somebody in front of a browser. */
export interface Visitor {
  ask(method: string, path: string, json?: unknown, headers?: Readonly<Record<string, string>>): Promise<TestAnswer>;
  /** Takes the tokens of an answer that opened a session. */
  adopt(answer: TestAnswer): void;
}

/** A visitor with a device key or without one, and with a guest's session or without one. */
export async function visit(
  service: TestService,
  shop: CreatedOrganization,
  { bound = true, guest = true } = {},
): Promise<Visitor & { readonly consumerId: string }> {
  const device = bound ? await createTestDevice() : null;
  let accessToken: string | undefined;
  const ask: Visitor["ask"] = async (method, path, json, headers = {}) =>
    service.ask("consumer", method, path, {
      headers: {
        "X-Publishable-Key": shop.publishableKey,
        ...(device === null ? {} : await device.proof(method, `${service.consumerUrl}${path}`, accessToken === undefined ? {} : { accessToken })),
        ...(accessToken === undefined ? {} : { Authorization: `${bound ? "DPoP" : "Bearer"} ${accessToken}` }),
        ...headers,
      },
      ...(json === undefined ? {} : { json }),
    });
  const adopt = ({ body }: TestAnswer): void => void (accessToken = body.accessToken);
  if (!guest) return { ask, adopt, consumerId: "" };
  const made = await ask("POST", "/auth/guest", {});
  adopt(made);
  return { ask, adopt, consumerId: made.body.session.consumerId };
}

/** What was kept for an address, the newest first. */
export async function inboxOf(service: TestService, shop: CreatedOrganization, to: string): Promise<readonly InboxMessage[]> {
  const { body } = await service.ask("admin", "GET", `/inbox?to=${encodeURIComponent(to)}`, { headers: { Authorization: `Bearer ${shop.secretKey}` } });
  return body.messages;
}

/** Does the work that a code costs. */
export async function workForCode(service: TestService, shop: CreatedOrganization): Promise<ChallengeAnswer> {
  const { body } = await service.ask("consumer", "POST", "/challenges", { headers: { "X-Publishable-Key": shop.publishableKey }, json: { purpose: "otp" } });
  const solution = await solveChallenge({ challenge: body, deriveKey });
  if (solution === null) throw new Error("The challenge has no solution.");
  return { challenge: body, solution: { counter: solution.counter, derivedKey: solution.derivedKey } };
}
